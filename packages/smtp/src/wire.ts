// The connection ring alone, for who brings his own messages or keeps sessions elsewhere: no composer in here.

export { handshake } from "./handshake.ts";
export type { HandshakeOptions } from "./handshake.ts";
export { Connection } from "./connection.ts";
export { send } from "./send.ts";
export type { Dsn, Envelope, Outgoing, SendLimits } from "./send.ts";
export { parseOptions } from "./options.ts";
export type { Settings, SmtpOptions } from "./options.ts";
export type { Limits, Request, Session, SessionFacts, StreamRequest } from "./session.ts";
export type { Capabilities } from "./protocol/capabilities.ts";
export type { Reply, ReplySink } from "./protocol/messages.ts";
export type { Credentials, TokenProvider } from "./auth/mechanism.ts";
export { SmtpError } from "./errors.ts";
export type { Delivery, Phase, RecipientReply } from "./errors.ts";
