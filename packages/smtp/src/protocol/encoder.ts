// Commands (RFC 5321 4.1) to bytes. Every command goes through one function that checks every byte of it, so that no
// argument, wherever it comes from, can end the line early. Refuses; never repairs.

import type { ByteWriter } from "@landline/core/bytes";

/** A line may have this many bytes with its CRLF, the longest that a known extension allows (RFC 4954 section 4). */
const MAX_LINE_BYTES = 12_288;
/** `<` path `>`, RFC 5321 4.5.3.1.3. */
const MAX_PATH_BYTES = 256;

const utf8 = new TextEncoder();
const CONTROL_OR_SPACE = /[\u0000-\u0020\u007f]/;

/** `EHLO`, or `LHLO` (RFC 2033): our name, a domain or an address literal. */
export function ehlo(writer: ByteWriter, name: string, lmtp = false): void {
  command(writer, lmtp ? "LHLO " : "EHLO ", argument(name, "the client's name"));
}

/** `STARTTLS` (RFC 3207). */
export function starttls(writer: ByteWriter): void {
  command(writer, "STARTTLS");
}

/** `AUTH` (RFC 4954); `initial` is base64, or `=` for an empty response. */
export function auth(writer: ByteWriter, mechanism: string, initial?: string): void {
  const rest = initial === undefined ? "" : ` ${argument(initial, "a SASL response")}`;
  command(writer, "AUTH ", argument(mechanism, "a SASL mechanism"), rest);
}

/** The answer to a 334, base64. An empty one is an empty line. */
export function authResponse(writer: ByteWriter, response: string): void {
  command(writer, response === "" ? "" : argument(response, "a SASL response"));
}

/** Parameters of `MAIL`, each only where the server offers the extension. */
export interface MailParameters {
  /** `SIZE` (RFC 1870): bytes of the message. */
  readonly size?: number | undefined;
  /** `SMTPUTF8` (RFC 6531): addresses or headers are UTF-8. */
  readonly smtpUtf8?: boolean | undefined;
  /** `BODY=8BITMIME` (RFC 6152). */
  readonly eightBit?: boolean | undefined;
  /** `REQUIRETLS` (RFC 8689). */
  readonly requireTls?: boolean | undefined;
  /** `RET` (RFC 3461): what a report of failure holds of the message. */
  readonly ret?: "FULL" | "HDRS" | undefined;
  /** `ENVID` (RFC 3461): what reports call this transaction. */
  readonly envid?: string | undefined;
}

/** When a report is wanted (RFC 3461 4.1). `NEVER` stands alone. */
export type Notify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

/** Parameters of `RCPT`. */
export interface RcptParameters {
  readonly smtpUtf8?: boolean | undefined;
  /** `NOTIFY` (RFC 3461). */
  readonly notify?: readonly Notify[] | undefined;
  /** `ORCPT` (RFC 3461): the address that reports name. */
  readonly orcpt?: string | undefined;
}

const NOTIFY = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/;

/** `MAIL FROM`. `address` is a serialised addr-spec, or empty for the null reverse-path. */
export function mail(writer: ByteWriter, address: string, parameters: MailParameters = {}): void {
  const { size, smtpUtf8 = false, eightBit = false, requireTls = false, ret, envid } = parameters;
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new TypeError("the size of a message must be a whole number of bytes");
  }
  if (ret !== undefined && ret !== "FULL" && ret !== "HDRS") throw new TypeError("a report holds FULL or HDRS");
  const rest = [
    size === undefined ? "" : ` SIZE=${size}`,
    smtpUtf8 ? " SMTPUTF8" : "",
    eightBit ? " BODY=8BITMIME" : "",
    requireTls ? " REQUIRETLS" : "",
    ret === undefined ? "" : ` RET=${ret}`,
    envid === undefined ? "" : ` ENVID=${xtext(envid, 100, "the id of an envelope")}`,
  ].join("");
  command(writer, "MAIL FROM:", address === "" ? "<>" : path(address, smtpUtf8), rest);
}

/** `RCPT TO`. `address` is a serialised addr-spec. */
export function rcpt(writer: ByteWriter, address: string, parameters: RcptParameters = {}): void {
  const { smtpUtf8 = false, notify, orcpt } = parameters;
  const when = notify?.join(",");
  if (when !== undefined && !NOTIFY.test(when))
    throw new TypeError("a report is wanted NEVER, or on SUCCESS, FAILURE, DELAY");
  const original = orcpt === undefined ? "" : ` ORCPT=rfc822;${xtext(orcpt, 500, "an original recipient")}`;
  command(writer, "RCPT TO:", path(address, smtpUtf8), (when === undefined ? "" : ` NOTIFY=${when}`) + original);
}

/** `BDAT` (RFC 3030), to be followed by so many bytes. */
export function bdat(writer: ByteWriter, bytes: number, last: boolean): void {
  command(writer, `BDAT ${bytes}`, last ? " LAST" : "");
}

/** `DATA`. */
export function data(writer: ByteWriter): void {
  command(writer, "DATA");
}

/** `RSET`. */
export function rset(writer: ByteWriter): void {
  command(writer, "RSET");
}

/** `NOOP`. */
export function noop(writer: ByteWriter): void {
  command(writer, "NOOP");
}

/** `QUIT`. */
export function quit(writer: ByteWriter): void {
  command(writer, "QUIT");
}

/** The one place where a line comes into being. */
function command(writer: ByteWriter, verb: string, first = "", rest = ""): void {
  const line = verb + first + rest;
  checkText(line, "a command");
  const mark = writer.length;
  const bytes = writer.utf8(line);
  if (bytes + 2 > MAX_LINE_BYTES) {
    writer.rewind(mark);
    throw new TypeError(`a command would be longer than ${MAX_LINE_BYTES} bytes`);
  }
  writer.u8(0x0d);
  writer.u8(0x0a);
}

function path(address: string, smtpUtf8: boolean): string {
  checkText(address, "an address");
  if (!smtpUtf8 && !isAscii(address)) throw new TypeError("an address with non-ASCII characters needs SMTPUTF8");
  if (!quotesClose(address)) throw new TypeError("an address would end its path early");
  if (utf8.encode(address).length + 2 > MAX_PATH_BYTES)
    throw new TypeError(`an address is longer than ${MAX_PATH_BYTES - 2} bytes`);
  return `<${address}>`;
}

/** RFC 3461 4: printable ASCII, in which plus, equals and blanks are written in hexadecimal. */
function xtext(text: string, limit: number, what: string): string {
  if (typeof text !== "string" || !/^[ -~]+$/.test(text) || text.length > limit)
    throw new TypeError(`${what} must be 1 to ${limit} printable ASCII characters`);
  return text.replace(/[ +=]/g, (char) => `+${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** An argument without blanks, ASCII. */
function argument(text: string, what: string): string {
  if (text === "" || CONTROL_OR_SPACE.test(text) || !isAscii(text)) {
    throw new TypeError(`${what} must be visible ASCII characters without blanks`);
  }
  return text;
}

function checkText(text: string, what: string): void {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) throw new TypeError(`${what} must not contain control characters`);
  }
  if (!text.isWellFormed()) throw new TypeError(`${what} must not contain lone surrogates`);
}

/** Whether blanks and angle brackets occur inside a quoted string only, and that string is closed. */
function quotesClose(address: string): boolean {
  let quoted = false;
  for (let index = 0; index < address.length; index++) {
    const char = address[index];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") index++;
    else if (!quoted && (char === " " || char === "<" || char === ">")) return false;
  }
  return !quoted;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
