// What only tests use of the platform module.
declare module "cloudflare:workers" {
  export const env: Readonly<Record<string, unknown>>;
  export const exports: { readonly default: { fetch(url: string, init?: RequestInit): Promise<Response> } };
}

declare module "cloudflare:test" {
  export function abortAllDurableObjects(): Promise<void>;
}
