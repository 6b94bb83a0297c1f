// The bodies of backend messages, one small function for each type byte. Every read is bounded by the frame, and every
// frame must be used up, so that a message that lies about itself ends the connection instead of shifting the next.

import { ProtocolError } from "@landline/core";
import { BACKEND, type BackendMessage, type Column, type TransactionStatus } from "./messages.ts";

const utf8 = new TextDecoder();

/** A bounded walk over one body. */
class Body {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  #take(size: number): number {
    const at = this.at;
    if (size < 0 || at + size > this.end)
      throw new ProtocolError("the server sent a message that is shorter than its contents");
    this.at = at + size;
    return at;
  }

  u8(): number {
    return this.bytes[this.#take(1)] as number;
  }

  u16(): number {
    const at = this.#take(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  i32(): number {
    const at = this.#take(4);
    const { bytes } = this;
    return (
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    );
  }

  /** OIDs are unsigned. */
  u32(): number {
    return this.i32() >>> 0;
  }

  cstring(): string {
    const start = this.at;
    const zero = this.bytes.indexOf(0, start);
    if (zero < 0 || zero >= this.end) throw new ProtocolError("the server sent a string without an end");
    this.at = zero + 1;
    return utf8.decode(this.bytes.subarray(start, zero));
  }

  /** A copy of what is left. (`slice` would be a view, where the chunk is a Buffer of Node's.) */
  rest(): Uint8Array {
    const rest = new Uint8Array(this.bytes.subarray(this.at, this.end));
    this.at = this.end;
    return rest;
  }
}

type Parse = (body: Body) => BackendMessage;

const READY: Readonly<Record<TransactionStatus, BackendMessage>> = {
  I: { type: "readyForQuery", status: "I" },
  T: { type: "readyForQuery", status: "T" },
  E: { type: "readyForQuery", status: "E" },
};

const PARSERS: (Parse | undefined)[] = [];
PARSERS[BACKEND.authentication] = authentication;
PARSERS[BACKEND.backendKeyData] = backendKeyData;
PARSERS[BACKEND.bindComplete] = empty("bindComplete");
PARSERS[BACKEND.closeComplete] = empty("closeComplete");
PARSERS[BACKEND.commandComplete] = (body) => ({ type: "commandComplete", tag: body.cstring() });
PARSERS[BACKEND.copyBothResponse] = (body) => copyResponse("copyBothResponse", body);
PARSERS[BACKEND.copyDone] = empty("copyDone");
PARSERS[BACKEND.copyInResponse] = (body) => copyResponse("copyInResponse", body);
PARSERS[BACKEND.copyOutResponse] = (body) => copyResponse("copyOutResponse", body);
PARSERS[BACKEND.emptyQueryResponse] = empty("emptyQueryResponse");
PARSERS[BACKEND.errorResponse] = (body) => ({ type: "errorResponse", fields: responseFields(body) });
PARSERS[BACKEND.negotiateProtocolVersion] = negotiateProtocolVersion;
PARSERS[BACKEND.noData] = empty("noData");
PARSERS[BACKEND.noticeResponse] = (body) => ({ type: "noticeResponse", fields: responseFields(body) });
PARSERS[BACKEND.notificationResponse] = (body) => ({
  type: "notificationResponse",
  processId: body.i32(),
  channel: body.cstring(),
  payload: body.cstring(),
});
PARSERS[BACKEND.parameterDescription] = (body) => ({
  type: "parameterDescription",
  types: list(body.u16(), () => body.u32()),
});
PARSERS[BACKEND.parameterStatus] = (body) => ({ type: "parameterStatus", name: body.cstring(), value: body.cstring() });
PARSERS[BACKEND.parseComplete] = empty("parseComplete");
PARSERS[BACKEND.portalSuspended] = empty("portalSuspended");
PARSERS[BACKEND.readyForQuery] = readyForQuery;
PARSERS[BACKEND.rowDescription] = (body) => ({ type: "rowDescription", columns: list(body.u16(), () => column(body)) });

/**
 * Parses the body `bytes[start, end)` of a message other than DataRow and CopyData. Nothing in the result refers to `bytes`.
 * @throws ProtocolError when the body is not what the type promises.
 */
export function parseMessage(type: number, bytes: Uint8Array, start: number, end: number): BackendMessage {
  const parse = PARSERS[type];
  if (parse === undefined) throw new ProtocolError(`the server sent a message of unknown type 0x${type.toString(16)}`);
  const body = new Body(bytes, start, end);
  const message = parse(body);
  if (body.at !== end)
    throw new ProtocolError(`the server sent a ${message.type} message that is longer than its contents`);
  return message;
}

function empty(
  type:
    | "parseComplete"
    | "bindComplete"
    | "closeComplete"
    | "noData"
    | "emptyQueryResponse"
    | "portalSuspended"
    | "copyDone",
): Parse {
  const message: BackendMessage = { type };
  return () => message;
}

function list<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}

function readyForQuery(body: Body): BackendMessage {
  const status = String.fromCharCode(body.u8());
  const message = status === "I" || status === "T" || status === "E" ? READY[status] : undefined;
  if (message === undefined) throw new ProtocolError("the server sent an unknown transaction status");
  return message;
}

function column(body: Body): Column {
  const name = body.cstring();
  const table = body.u32();
  const attribute = body.u16();
  const type = body.u32();
  const size = (body.u16() << 16) >> 16;
  return { name, table, attribute, type, size, modifier: body.i32(), format: body.u16() };
}

function responseFields(body: Body): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let code = body.u8(); code !== 0; code = body.u8()) fields.set(String.fromCharCode(code), body.cstring());
  return fields;
}

function authentication(body: Body): BackendMessage {
  const method = body.i32();
  switch (method) {
    case 0:
      return { type: "authenticationOk" };
    case 3:
      return { type: "authenticationCleartextPassword" };
    case 5: {
      const salt = body.rest();
      if (salt.length !== 4) throw new ProtocolError("the server sent an md5 salt that is not 4 bytes long");
      return { type: "authenticationMD5Password", salt };
    }
    case 10: {
      const mechanisms: string[] = [];
      for (let name = body.cstring(); name !== ""; name = body.cstring()) mechanisms.push(name);
      return { type: "authenticationSASL", mechanisms };
    }
    case 11:
      return { type: "authenticationSASLContinue", data: utf8.decode(body.rest()) };
    case 12:
      return { type: "authenticationSASLFinal", data: utf8.decode(body.rest()) };
    default:
      body.rest();
      return { type: "authenticationOther", method };
  }
}

/** The secret key has 4 bytes in protocol 3.0, and up to 256 from 3.2 on and from some poolers. */
function backendKeyData(body: Body): BackendMessage {
  const processId = body.i32();
  const secretKey = body.rest();
  if (secretKey.length < 4 || secretKey.length > 256)
    throw new ProtocolError("the server sent a cancel key of an impossible length");
  return { type: "backendKeyData", processId, secretKey };
}

function negotiateProtocolVersion(body: Body): BackendMessage {
  const minor = body.i32() & 0xffff;
  const count = body.i32();
  if (count < 0 || count > 1000) throw new ProtocolError("the server sent an impossible count of protocol options");
  return { type: "negotiateProtocolVersion", minor, unrecognized: list(count, () => body.cstring()) };
}

function copyResponse(type: "copyInResponse" | "copyOutResponse" | "copyBothResponse", body: Body): BackendMessage {
  const binary = body.u8() === 1;
  return { type, binary, formats: list(body.u16(), () => body.u16()) };
}
