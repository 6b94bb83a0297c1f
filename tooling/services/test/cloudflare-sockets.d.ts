declare module "cloudflare:sockets" {
  export function connect(
    address: { hostname: string; port: number },
    options: { secureTransport: "on" | "off"; allowHalfOpen: boolean },
  ): { readable: ReadableStream; writable: WritableStream; close(): Promise<void> };
}
