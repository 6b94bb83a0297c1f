// What only tests use of the platform module.
declare module "cloudflare:workers" {
  export const exports: { readonly default: { fetch(url: string, init?: RequestInit): Promise<Response> } };
}
