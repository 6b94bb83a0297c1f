export type { Credentials, ReceivedMail, Services } from "./types.ts";
