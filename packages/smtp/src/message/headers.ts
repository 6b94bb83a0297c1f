// Header fields (RFC 5322 2.2, RFC 2047): names and values checked, folded at 76 where there is a place to fold, and never
// over 998. A value can neither end its field nor turn into an encoded word by accident.

import type { Mailbox } from "./address.ts";
import { formatAddress } from "./address.ts";
import { encodeWords } from "./encoded-word.ts";
import { checkText, checkWellFormed, isAscii } from "./text.ts";

/** RFC 2047 section 2: lines with encoded words. RFC 5322 would allow 78. */
const SOFT_LIMIT = 76;
/** RFC 5322 2.1.1, without CRLF. */
const HARD_LIMIT = 998;

const FIELD_NAME = /^[!-9;-~]{1,76}$/;
const CONTROL_BUT_TAB = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const ATOMS = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;

/** @throws TypeError when `name` is no field name (RFC 5322 3.6.8). */
function checkFieldName(name: string): void {
  if (!FIELD_NAME.test(name))
    throw new TypeError("the name of a header must be visible ASCII characters without a colon");
}

/** A field of free text, such as Subject: encoded where it is not plain ASCII. */
export function textField(name: string, value: unknown): string {
  checkFieldName(name);
  if (typeof value !== "string") throw new TypeError(`header ${name} must be a string`);
  if (CONTROL_BUT_TAB.test(value))
    throw new TypeError(`header ${name} must not contain control characters or line breaks`);
  checkWellFormed(value, `header ${name}`);
  const words = value.split(" ");
  const plain =
    isAscii(value) &&
    !value.includes("\t") &&
    !value.includes("=?") &&
    !value.startsWith(" ") &&
    !value.endsWith(" ") &&
    // Runs of blanks are not folded.
    (value.includes("  ") ? [value] : words).every((word) => word.length <= HARD_LIMIT - SOFT_LIMIT);
  if (plain) return fold(name, words);
  // The first word fits beside the name, so that no line holds the name alone.
  return fold(name, encodeWords(value, Math.max(40, SOFT_LIMIT - name.length - 2)));
}

/** A field of mailboxes, such as To; none when there are none. */
export function addressField(name: string, mailboxes: readonly Mailbox[]): string {
  if (mailboxes.length === 0) return "";
  const ends = commas(mailboxes.map((mailbox) => (mailbox.name === "" ? formatAddress : bracketed)(mailbox)));
  return fold(
    name,
    ends.flatMap((end, index) => [...phrase((mailboxes[index] as Mailbox).name), end]),
  );
}

function bracketed(mailbox: Mailbox): string {
  return `<${formatAddress(mailbox)}>`;
}

/** The same tokens, with a comma behind each but the last. */
export function commas(tokens: readonly string[], comma = ","): string[] {
  return tokens.map((token, index) => (index < tokens.length - 1 ? token + comma : token));
}

/** A field whose tokens were checked and are kept as they are, folded only between them. */
export function tokenField(name: string, tokens: readonly string[]): string {
  for (const token of tokens) checkText(token, `header ${name}`);
  return fold(name, tokens);
}

/** A display name as words: atoms, a quoted string, or encoded words. */
function phrase(name: string): string[] {
  if (name === "") return [];
  const atoms = name.split(" ");
  if (ATOMS.test(name) && !name.includes("=?") && atoms.every((atom) => atom.length < SOFT_LIMIT)) return atoms;
  if (isAscii(name) && !name.includes("=?") && name.length <= SOFT_LIMIT - 4)
    return [`"${name.replace(/[\\"]/g, "\\$&")}"`];
  return encodeWords(name, SOFT_LIMIT - 12);
}

/** Joins by single blanks; a line break goes before a blank, never before or after an empty token. */
function fold(name: string, tokens: readonly string[]): string {
  let line = `${name}:`;
  let field = "";
  let foldable = false;
  for (const token of tokens) {
    if (foldable && token !== "" && line.length + 1 + token.length > SOFT_LIMIT) {
      field += `${line}\r\n`;
      line = "";
    }
    line += ` ${token}`;
    foldable = token !== "";
    if (line.length > HARD_LIMIT) throw new TypeError(`header ${name} has a line that is too long`);
  }
  return `${field}${line}\r\n`;
}
