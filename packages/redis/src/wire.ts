// The inner rings, for those who keep sessions themselves: a Durable Object runs the handshake and keeps the session,
// a proxy or a fake server uses the codec.

export { createClient } from "./client.ts";
export { factsOf } from "./commands.ts";
export type { CommandFacts } from "./commands.ts";
export { logIn } from "./open.ts";
export type { Login, OpenOptions, OpenSession } from "./open.ts";
export { settingsOf } from "./options.ts";
export type { Settings } from "./options.ts";
export { blockingTime, refuseUnshareable } from "./refusals.ts";
export { handshake } from "./handshake.ts";
export type { HandshakeOptions } from "./handshake.ts";
export { Connection, NO_PUSHES } from "./connection.ts";
export type { ConnectionOptions } from "./connection.ts";
export type { Flight } from "./flights.ts";
export type { OwnSession, Session, SessionFacts } from "./session.ts";
export { ReplyDecoder } from "./protocol/decoder.ts";
export { checkArguments, encodeCommand } from "./protocol/encoder.ts";
export type { FrameWriter } from "./protocol/encoder.ts";
export { DEFAULT_FORMAT, DEFAULT_LIMITS } from "./protocol/messages.ts";
export type { Argument, Command, DecoderLimits, Reply, ReplyFormat, ReplySink } from "./protocol/messages.ts";
