declare module "cloudflare:sockets" {
  export function connect(address: { hostname: string; port: number }): {
    readonly readable: ReadableStream;
    readonly writable: WritableStream<Uint8Array>;
    close(): Promise<void>;
  };
}
