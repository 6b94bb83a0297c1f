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

/** The one place where a line comes into being: "" is an empty one. What is not ours in it went through {@link argument}. */
export function command(writer: ByteWriter, line: string): void {
  const mark = writer.length;
  if (CONTROL.test(line) || !line.isWellFormed() || writer.utf8(`${line}\r\n`) > MAX_LINE_BYTES) {
    writer.rewind(mark);
    throw new TypeError("a command is too long, or has control characters or lone surrogates");
  }
}

/** An argument without blanks, ASCII. */
export function argument(text: string): string {
  if (!ARGUMENT.test(text)) throw new TypeError("an argument of a command must be visible ASCII characters");
  return text;
}

/** `MAIL FROM` or `RCPT TO`. `address` is a serialised addr-spec, or empty for the null reverse-path. */
export function pathCommand(
  verb: "MAIL FROM" | "RCPT TO",
  address: string,
  smtpUtf8: boolean,
  parameters: readonly string[] = [],
): string {
  const isNull = address === "" && verb !== "RCPT TO";
  if (
    (!isNull && !PATH.test(address)) ||
    (!smtpUtf8 && NOT_ASCII.test(address)) ||
    new TextEncoder().encode(address).length > MAX_ADDRESS_BYTES
  )
    throw new TypeError(`an address would end its path early, is not ASCII, or is over ${MAX_ADDRESS_BYTES} bytes`);
  return [`${verb}:<${address}>`, ...parameters.map(argument)].join(" ");
}
