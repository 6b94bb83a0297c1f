// The platform modules, as far as these tests use them.
declare module "cloudflare:workers" {
  export const env: { readonly EMAIL: { send(message: object): Promise<unknown> } };
}
declare module "cloudflare:email" {
  export class EmailMessage {
    readonly from: string;
    readonly to: string;
    constructor(from: string, to: string, raw: ReadableStream | string);
  }
}
