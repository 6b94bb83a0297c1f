// The bodies of backend messages: which fields each has, and how a field is read (PostgreSQL documentation, "Message
// Formats"). Every read is bounded by the frame, and every frame must be used up, so that a message that lies about itself
// ends the connection instead of shifting the next.

import { broken, int32, text } from "./bytes.ts";
import { BACKEND, type BackendMessage } from "./messages.ts";

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

  /** Where the next `size` bytes are. */
  take(size: number): number {
    const { at } = this;
    if (at + size > this.end) throw broken("a message that is shorter than its contents");
    this.at = at + size;
    return at;
  }
}

type Read<T> = (body: Body) => T;
type Fields = Readonly<Record<string, Read<unknown>>>;

const u8: Read<number> = (body) => body.bytes[body.take(1)] as number;
const u16: Read<number> = (body) => (u8(body) << 8) | u8(body);
const i16: Read<number> = (body) => (u16(body) << 16) >> 16;
const i32: Read<number> = (body) => int32(body.bytes, body.take(4));
/** OIDs are unsigned. */
const u32: Read<number> = (body) => i32(body) >>> 0;

const cstring: Read<string> = (body) => {
  const start = body.at;
  const zero = body.bytes.indexOf(0, start);
  if (zero < 0 || zero >= body.end) throw broken("a string without an end");
  body.at = zero + 1;
  return text(body.bytes, start, zero);
};

/** A copy of what is left. (`slice` would be a view, where the chunk is a Buffer of Node's.) */
const rest: Read<Uint8Array> = (body) => new Uint8Array(body.bytes.subarray(body.at, (body.at = body.end)));

/** What is left, of a length that is possible. */
function sized(what: string, least: number, most: number): Read<Uint8Array> {
  return (body) => {
    const bytes = rest(body);
    if (bytes.length < least || bytes.length > most) throw broken(`${what} of an impossible length`);
    return bytes;
  };
}

function list<T>(count: Read<number>, read: Read<T>): Read<T[]> {
  return (body) => {
    const items: T[] = [];
    for (let left = count(body); left > 0; left--) items.push(read(body));
    return items;
  };
}

/** Reads `fields`, in their order, into an object. */
function fill(into: Record<string, unknown>, fields: Fields, body: Body): unknown {
  for (const name in fields) into[name] = (fields[name] as Read<unknown>)(body);
  return into;
}

const responseFields: Read<ReadonlyMap<string, string>> = (body) => {
  const fields = new Map<string, string>();
  for (let code = u8(body); code !== 0; code = u8(body)) fields.set(String.fromCharCode(code), cstring(body));
  return fields;
};

const status: Read<string> = (body) => {
  const letter = String.fromCharCode(u8(body));
  if (!"ITE".includes(letter)) throw broken("an unknown transaction status");
  return letter;
};

const mechanisms: Read<string[]> = (body) => {
  const names: string[] = [];
  for (let name = cstring(body); name !== ""; name = cstring(body)) names.push(name);
  return names;
};

const optionCount: Read<number> = (body) => {
  const count = i32(body);
  if (count < 0 || count > 1000) throw broken("an impossible count of protocol options");
  return count;
};

const COLUMN: Fields = { name: cstring, table: u32, attribute: u16, type: u32, size: i16, modifier: i32, format: u16 };
const COPY: Fields = { binary: (body) => u8(body) === 1, formats: list(u16, u16) };
const RESPONSE: Fields = { fields: responseFields };
const SASL: Fields = { data: (body) => text(body.bytes, body.at, (body.at = body.end)) };

/** The fields of each message, in their order. */
const FIELDS: Readonly<Record<string, Fields>> = {
  // 4 bytes in protocol 3.0, and up to 256 from 3.2 on and from some poolers.
  backendKeyData: { processId: i32, secretKey: sized("a cancel key", 4, 256) },
  commandComplete: { tag: cstring },
  copyBothResponse: COPY,
  copyInResponse: COPY,
  copyOutResponse: COPY,
  errorResponse: RESPONSE,
  negotiateProtocolVersion: { minor: (body) => i32(body) & 0xffff, unrecognized: list(optionCount, cstring) },
  noticeResponse: RESPONSE,
  notificationResponse: { processId: i32, channel: cstring, payload: cstring },
  parameterDescription: { types: list(u16, u32) },
  parameterStatus: { name: cstring, value: cstring },
  readyForQuery: { status },
  rowDescription: { columns: list(u16, (body) => fill({}, COLUMN, body)) },
  authenticationOk: {},
  authenticationCleartextPassword: {},
  authenticationMD5Password: { salt: sized("an md5 salt", 4, 4) },
  authenticationSASL: { mechanisms },
  authenticationSASLContinue: SASL,
  authenticationSASLFinal: SASL,
};

/** What an Authentication message is called, by the number that it begins with. */
const AUTHENTICATION: Readonly<Record<number, string>> = {
  0: "Ok",
  3: "CleartextPassword",
  5: "MD5Password",
  10: "SASL",
  11: "SASLContinue",
  12: "SASLFinal",
};

/** By type byte. A message without fields is always the same. */
const KINDS: { readonly message: { readonly type: string }; readonly fields: Fields | undefined }[] = [];
for (const [type, code] of Object.entries(BACKEND)) KINDS[code] = { message: { type }, fields: FIELDS[type] };

/**
 * Parses the body `bytes[start, end)` of a message other than DataRow and CopyData. Nothing in the result refers to `bytes`.
 * @throws ProtocolError when the body is not what the type promises.
 */
export function parseMessage(code: number, bytes: Uint8Array, start: number, end: number): BackendMessage {
  const body = new Body(bytes, start, end);
  let { message, fields } = KINDS[code] as (typeof KINDS)[number];
  if (code === BACKEND.authentication) {
    const method = i32(body);
    const type = `authentication${AUTHENTICATION[method] ?? "Other"}`;
    fields = FIELDS[type] ?? { method: () => method };
    message = { type };
    if (type === "authenticationOther") body.at = end;
  }
  if (fields !== undefined) message = fill({ type: message.type }, fields, body) as typeof message;
  if (body.at !== end) throw broken(`a ${message.type} message that is longer than its contents`);
  return message as BackendMessage;
}
