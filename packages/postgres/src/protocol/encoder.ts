// Frontend messages into a ByteWriter. Strings that end in NUL are refused when they contain one, so that no value can
// become a second field. Constant frames are made once.

import type { ByteWriter } from "@landline/core/bytes";
import { CANCEL_REQUEST, FRONTEND, PROTOCOL_VERSION, SSL_REQUEST } from "./messages.ts";

/** A parameter in the form in which Bind sends it: text, binary, or NULL. */
export type WireValue = string | Uint8Array | null;

/** The most parameters that Bind has room for. */
export const MAX_PARAMETERS = 65_535;

const STATEMENT = 0x53; // 'S'
const PORTAL = 0x50; // 'P'
/** StartupMessage, protocol 3.0. @throws TypeError when a name or value contains NUL. */
export function startup(writer: ByteWriter, parameters: Iterable<readonly [string, string]>, minor = 0): void {
  const start = writer.length;
  writer.i32(0);
  writer.i32(PROTOCOL_VERSION + minor);
  for (const [name, value] of parameters) {
    writer.cstring(name);
    writer.cstring(value);
  }
  writer.u8(0);
  writer.setI32(start, writer.length - start);
}

/** SSLRequest. */
export function sslRequest(writer: ByteWriter): void {
  writer.i32(8);
  writer.i32(SSL_REQUEST);
}

/** CancelRequest, for a connection of its own. */
export function cancelRequest(writer: ByteWriter, processId: number, secretKey: Uint8Array): void {
  writer.i32(12 + secretKey.length);
  writer.i32(CANCEL_REQUEST);
  writer.i32(processId);
  writer.bytes(secretKey);
}

/** PasswordMessage: the password in clear text, or its md5 form. */
export function password(writer: ByteWriter, text: string): void {
  string(writer, FRONTEND.password, text);
}

/** SASLInitialResponse. */
export function saslInitialResponse(writer: ByteWriter, mechanism: string, data: string): void {
  const at = begin(writer, FRONTEND.password);
  writer.cstring(mechanism);
  const length = writer.length;
  writer.i32(0);
  writer.setI32(length, writer.utf8(data));
  finish(writer, at);
}

/** SASLResponse. */
export function saslResponse(writer: ByteWriter, data: string): void {
  const at = begin(writer, FRONTEND.password);
  writer.utf8(data);
  finish(writer, at);
}

/** Query, the simple protocol. */
export function query(writer: ByteWriter, text: string): void {
  string(writer, FRONTEND.query, text);
}

/** Parse. `types` are the OIDs of the first parameters, 0 where the server is to infer. */
export function parse(writer: ByteWriter, name: string, text: string, types: readonly number[]): void {
  const at = begin(writer, FRONTEND.parse);
  writer.cstring(name);
  writer.cstring(text);
  writer.i16(types.length);
  for (const type of types) writer.i32(type);
  finish(writer, at);
}

/**
 * Bind, of the unnamed portal unless `portal` names one. Strings go as text, bytes as binary. `resultFormats` has one code
 * for each column, or is empty for text everywhere.
 */
export function bind(
  writer: ByteWriter,
  statement: string,
  values: readonly WireValue[],
  resultFormats: readonly number[],
  portal = "",
): void {
  const at = begin(writer, FRONTEND.bind);
  writer.cstring(portal);
  writer.cstring(statement);
  if (values.some((value) => value instanceof Uint8Array)) {
    writer.i16(values.length);
    for (const value of values) writer.i16(value instanceof Uint8Array ? 1 : 0);
  } else {
    writer.i16(0);
  }
  writer.i16(values.length);
  for (const value of values) {
    if (value === null) {
      writer.i32(-1);
      continue;
    }
    const length = writer.length;
    writer.i32(0);
    if (typeof value === "string") {
      writer.setI32(length, writer.utf8(value));
    } else {
      writer.bytes(value);
      writer.setI32(length, value.length);
    }
  }
  writer.i16(resultFormats.length);
  for (const format of resultFormats) writer.i16(format);
  finish(writer, at);
}

/** Describe of a portal; of the unnamed one unless `portal` names one. */
export function describePortal(writer: ByteWriter, portal = ""): void {
  named(writer, FRONTEND.describe, PORTAL, portal);
}

/** Describe of a statement, of the unnamed one unless `name` is given: its parameters and its columns. */
export function describeStatement(writer: ByteWriter, name = ""): void {
  named(writer, FRONTEND.describe, STATEMENT, name);
}

/** Execute: of the unnamed portal all rows, of one that is named `rows` rows at most. */
export function execute(writer: ByteWriter, portal = "", rows = 0): void {
  const at = begin(writer, FRONTEND.execute);
  writer.cstring(portal);
  writer.i32(rows);
  finish(writer, at);
}

/** Close of a named statement. */
export function closeStatement(writer: ByteWriter, name: string): void {
  named(writer, FRONTEND.close, STATEMENT, name);
}

/** Close of a named portal. */
export function closePortal(writer: ByteWriter, name: string): void {
  named(writer, FRONTEND.close, PORTAL, name);
}

/** CopyData. */
export function copyData(writer: ByteWriter, bytes: Uint8Array): void {
  const at = begin(writer, FRONTEND.copyData);
  writer.bytes(bytes);
  finish(writer, at);
}

/** CopyDone. */
export const copyDone: Frame = constant(FRONTEND.copyDone);

/** CopyFail. */
export function copyFail(writer: ByteWriter, reason: string): void {
  string(writer, FRONTEND.copyFail, reason);
}

/** Flush: the server sends what it has to say, and goes on. */
export const flush: Frame = /* @__PURE__ */ constant(FRONTEND.flush);

/** Sync. */
export const sync: Frame = constant(FRONTEND.sync);

/** Terminate. */
export const terminate: Frame = constant(FRONTEND.terminate);

type Frame = (writer: ByteWriter) => void;

/** A message without a body, made once. */
function constant(type: number): Frame {
  const frame = Uint8Array.of(type, 0, 0, 0, 4);
  return (writer) => writer.bytes(frame);
}

/** A message that is one string. */
function string(writer: ByteWriter, type: number, text: string): void {
  const at = begin(writer, type);
  writer.cstring(text);
  finish(writer, at);
}

/** Describe and Close, which say what kind of thing they name. */
function named(writer: ByteWriter, type: number, kind: number, name: string): void {
  const at = begin(writer, type);
  writer.u8(kind);
  writer.cstring(name);
  finish(writer, at);
}

function begin(writer: ByteWriter, type: number): number {
  writer.u8(type);
  const at = writer.length;
  writer.i32(0);
  return at;
}

/** @throws TypeError when the frame has outgrown its length field, or what a server takes. */
function finish(writer: ByteWriter, at: number): void {
  const length = writer.length - at;
  // A server takes 1 GiB less a little; int32 would wrap at twice that, and the rest be read as other messages.
  if (length > 0x3fff_ffff) throw new TypeError("a message to the server cannot be larger than 1 GiB");
  writer.setI32(at, length);
}
