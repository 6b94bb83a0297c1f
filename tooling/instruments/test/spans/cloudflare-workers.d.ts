// The platform module, as far as it is used. Declared here because the types package of the platform replaces the global types.
declare module "cloudflare:workers" {
  interface Span {
    readonly isTraced: boolean;
    setAttribute(name: string, value: string | number | boolean): unknown;
    end(): void;
  }
  export const tracing: {
    startSpan(name: string): Span;
    enterSpan<T>(name: string, callback: () => T): T;
  };
}
