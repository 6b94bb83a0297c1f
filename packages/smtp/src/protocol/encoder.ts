// Commands (RFC 5321 4.1) to bytes. Every command goes through one function that checks every byte of it, so that no
// argument, wherever it comes from, can end the line early. Refuses; never repairs.

import type { ByteWriter } from "@landline/core/bytes";

/** A line may have this many bytes with its CRLF, the longest that a known extension allows (RFC 4954 section 4). */
const MAX_LINE_BYTES = 12_288;
/** A path of 256 bytes less its brackets, RFC 5321 4.5.3.1.3. */
const MAX_ADDRESS_BYTES = 254;

const CONTROL = /[\0-\x1f\x7f]/;
const ARGUMENT = /^[!-~]+$/;
/** Blanks and angle brackets occur inside a quoted string only, and that string is closed. */
const PATH = /^(?:[^ <>"\\]|"(?:[^"\\]|\\.)*")+$/;
const NOT_ASCII = /[^\0-\x7f]/;
const XTEXT = /^[ -~]+$/;

/** `EHLO`, or `LHLO` (RFC 2033): our name, a domain or an address literal. */
export function ehlo(writer: ByteWriter, name: string, lmtp = false): void {
  command(writer, `${lmtp ? "L" : "E"}HLO ${argument(name)}`);
}

/** `STARTTLS` (RFC 3207). */
export function starttls(writer: ByteWriter): void {
  command(writer, "STARTTLS");
}

/** `AUTH` (RFC 4954); `initial` is base64, or `=` for an empty response. */
export function auth(writer: ByteWriter, mechanism: string, initial?: string): void {
  command(writer, `AUTH ${argument(mechanism)}${initial === undefined ? "" : ` ${argument(initial)}`}`);
}

/** The answer to a 334, base64. An empty one is an empty line. */
export function authResponse(writer: ByteWriter, response: string): void {
  command(writer, response === "" ? "" : argument(response));
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
  const { size, smtpUtf8 = false, eightBit, requireTls, ret, envid } = parameters;
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0))
    throw new TypeError("the size of a message must be a whole number of bytes");
  if (!(ret === undefined || ret === "FULL" || ret === "HDRS")) throw new TypeError("a report holds FULL or HDRS");
  let line = `MAIL FROM:${address === "" ? "<>" : path(address, smtpUtf8)}`;
  if (size !== undefined) line += ` SIZE=${size}`;
  if (smtpUtf8) line += " SMTPUTF8";
  if (eightBit) line += " BODY=8BITMIME";
  if (requireTls) line += " REQUIRETLS";
  if (ret) line += ` RET=${ret}`;
  if (envid !== undefined) line += ` ENVID=${xtext(envid, 100)}`;
  command(writer, line);
}

/** `RCPT TO`. `address` is a serialised addr-spec. */
export function rcpt(writer: ByteWriter, address: string, parameters: RcptParameters = {}): void {
  const { smtpUtf8 = false, notify, orcpt } = parameters;
  let line = `RCPT TO:${path(address, smtpUtf8)}`;
  if (notify !== undefined) {
    const when = notify.join();
    if (!NOTIFY.test(when)) throw new TypeError("a report is wanted NEVER, or on SUCCESS, FAILURE, DELAY");
    line += ` NOTIFY=${when}`;
  }
  if (orcpt !== undefined) line += ` ORCPT=rfc822;${xtext(orcpt, 500)}`;
  command(writer, line);
}

/** `BDAT` (RFC 3030), to be followed by so many bytes. */
export function bdat(writer: ByteWriter, bytes: number, last: boolean): void {
  command(writer, `BDAT ${bytes}${last ? " LAST" : ""}`);
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
function command(writer: ByteWriter, line: string): void {
  if (CONTROL.test(line) || !line.isWellFormed())
    throw new TypeError("a command must not contain control characters or lone surrogates");
  const mark = writer.length;
  if (writer.utf8(`${line}\r\n`) > MAX_LINE_BYTES) {
    writer.rewind(mark);
    throw new TypeError(`a command would be longer than ${MAX_LINE_BYTES} bytes`);
  }
}

function path(address: string, smtpUtf8: boolean): string {
  if (!smtpUtf8 && NOT_ASCII.test(address)) throw new TypeError("an address with non-ASCII characters needs SMTPUTF8");
  if (!PATH.test(address)) throw new TypeError("an address would end its path early");
  if (new TextEncoder().encode(address).length > MAX_ADDRESS_BYTES)
    throw new TypeError(`an address is longer than ${MAX_ADDRESS_BYTES} bytes`);
  return `<${address}>`;
}

/** RFC 3461 4: printable ASCII, in which plus, equals and blanks are written in hexadecimal. */
function xtext(text: string, limit: number): string {
  if (!XTEXT.test(text) || text.length > limit)
    throw new TypeError(
      `the id of an envelope, or an original recipient, must be 1 to ${limit} printable ASCII characters`,
    );
  return text.replace(/[ +=]/g, (char) => `+${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** An argument without blanks, ASCII. */
function argument(text: string): string {
  if (!ARGUMENT.test(text)) throw new TypeError("an argument of a command must be visible ASCII characters");
  return text;
}
