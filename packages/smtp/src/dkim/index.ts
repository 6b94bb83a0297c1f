export { dkim } from "./sign.ts";
export type { DkimOptions } from "./sign.ts";
export type { PrivateKey } from "./key.ts";
