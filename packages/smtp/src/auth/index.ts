export { loginWith } from "./authenticate.ts";
export type { Credentials, TokenProvider } from "./mechanism.ts";
