export { startServices } from "./start.ts";
export type { RunningServices } from "./start.ts";
export type { Credentials, ReceivedMail, Services } from "./types.ts";
