// The platform module, as far as it is used. Declared here because the types package of the platform replaces the
// global types of every other runtime.
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: { abort(reason?: string): void };
    protected readonly env: Env;
    constructor(ctx: unknown, env: Env);
  }
  export abstract class RpcTarget {}
}
