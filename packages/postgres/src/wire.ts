// For those who hold sessions elsewhere, such as a Durable Object: it dials and greets, and passes bytes; a Worker converses
// over them and puts the client on top. Nothing of the client is written twice.

export { createClient } from "./client.ts";
export type { ClientOptions } from "./client.ts";
export { converse, logIn, openConnection, sendCancel } from "./connection.ts";
export type { Connection, Login } from "./connection.ts";
export { Conversation } from "./conversation.ts";
export { serverReport } from "./errors.ts";
export type { Flow, Line, Listeners, SessionStart } from "./line.ts";
export { handshake, requestTls } from "./handshake.ts";
export type { Greeting, HandshakeSettings } from "./handshake.ts";
export { parseOptions } from "./options.ts";
export type { Settings } from "./options.ts";
export { listenText } from "./ear.ts";
export type {
  AcquireSession,
  Ear,
  Exchange,
  Hearing,
  ReplySink,
  Request,
  Session,
  SessionFacts,
  Sessions,
  StreamExchange,
  StreamSink,
} from "./session.ts";
export { Statements } from "./statements.ts";
export { BackendDecoder } from "./protocol/decoder.ts";
export type { DecoderOptions, DecoderSink } from "./protocol/decoder.ts";
export { BACKEND, FRONTEND } from "./protocol/messages.ts";
export type { BackendMessage, Column, TransactionStatus } from "./protocol/messages.ts";
export { cancelRequest, parse, query, sync, terminate } from "./protocol/encoder.ts";
