// The platform module, as far as it is used. Declared here because the types package of the platform replaces the
// global types of every other runtime.
declare module "cloudflare:sockets" {
  export function connect(
    address: { hostname: string; port: number },
    options: { secureTransport?: "off" | "on" | "starttls"; allowHalfOpen?: boolean; highWaterMark?: number },
  ): unknown;
}
