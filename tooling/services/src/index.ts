export { makeCertificates } from "./certificates.ts";
export type { Certificates } from "./certificates.ts";
export { startServices } from "./start.ts";
export type { RunningServices } from "./start.ts";
export type { Credentials, Identity, ReceivedMail, Services } from "./types.ts";
