// The connection ring alone, for who brings his own messages or keeps sessions elsewhere: no composer in here, no options to
// parse, and logins (./auth) only for who asks for them.

export { handshake } from "./handshake.ts";
export type { HandshakeOptions, Login } from "./handshake.ts";
export { Connection } from "./connection.ts";
export { send } from "./send.ts";
export type { Dsn, Envelope, Outgoing, SendLimits } from "./send.ts";
export type { Limits, Request, Session, SessionFacts, StreamRequest } from "./session.ts";
export type { Capabilities } from "./protocol/capabilities.ts";
export type { Reply, ReplySink } from "./protocol/messages.ts";
export { SmtpError } from "./errors.ts";
export type { Delivery, Phase, RecipientReply, SmtpErrorInit } from "./errors.ts";
