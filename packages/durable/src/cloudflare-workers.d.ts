// The platform module, as far as it is used. Declared here because the types package of the platform replaces the
// global types of every other runtime.
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: {
      abort(reason?: string): void;
      /** As far as an outbox uses it: of a class with SQLite. */
      readonly storage: {
        readonly sql: {
          exec(
            query: string,
            ...values: (string | number | ArrayBuffer | null)[]
          ): { toArray(): Record<string, unknown>[] };
        };
        transactionSync<T>(work: () => T): T;
        sync(): Promise<void>;
        getAlarm(): Promise<number | null>;
        setAlarm(time: number): Promise<void>;
        deleteAlarm(): Promise<void>;
      };
    };
    protected readonly env: Env;
    constructor(ctx: unknown, env: Env);
    alarm?(): void | Promise<void>;
    connect?(socket: unknown): void | Promise<void>;
  }
  export abstract class RpcTarget {}
}
