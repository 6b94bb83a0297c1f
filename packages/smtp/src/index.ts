export { mailer, smtp } from "./client.ts";
export type { CallOptions, Mailer, Receipt, SmtpClient } from "./client.ts";
export type { TokenProvider } from "./auth/mechanism.ts";
export type { Signer, SmtpOptions } from "./options.ts";
export type {
  Addresses,
  AddressObject,
  Alternative,
  Attachment,
  ByteStream,
  CalendarEvent,
  Content,
  ListHeaders,
  Message,
  Reports,
} from "./message/index.ts";
export { observeSend } from "./observe.ts";
export { SmtpError } from "./errors.ts";
export type { Delivery, Phase, RecipientReply } from "./errors.ts";
