// The platform module, as far as these tests use it.
declare module "cloudflare:workers" {
  export class DurableObject {
    fetch(request: Request): Promise<Response>;
  }
  export const exports: {
    readonly default: {
      fetch(request: string | Request): Promise<Response>;
      /** Gives a socket. */
      connect(address: string): object;
    };
  };
}
