// Encoded words (RFC 2047): text of any kind in ASCII headers. Each word holds whole characters and at most 75 bytes.

import { encodeBase64 } from "./base64.ts";

/** The longest encoded word that RFC 2047 section 2 allows. */
const MAX_WORD = 75;
const Q_PREFIX = "=?UTF-8?Q?";
const B_PREFIX = "=?UTF-8?B?";
const SUFFIX = "?=";
/** What may stand for itself in every place where an encoded word may be (RFC 2047 5, rule 3). */
const LITERAL = /^[A-Za-z0-9!*+/-]$/;
const utf8 = new TextEncoder();

/** `text` as encoded words of at most `limit` characters (default 75), to be joined by blanks that readers drop. */
export function encodeWords(text: string, limit: number = MAX_WORD): string[] {
  const room = Math.min(limit, MAX_WORD) - Q_PREFIX.length - SUFFIX.length;
  let qLength = 0;
  for (const char of text) qLength += qChar(char).length;
  return qLength <= Math.ceil((utf8.encode(text).length * 4) / 3) ? qWords(text, room) : bWords(text, room);
}

function qWords(text: string, room: number): string[] {
  const words: string[] = [];
  let word = "";
  for (const char of text) {
    const coded = qChar(char);
    if (word.length + coded.length > room) {
      words.push(`${Q_PREFIX}${word}${SUFFIX}`);
      word = "";
    }
    word += coded;
  }
  words.push(`${Q_PREFIX}${word}${SUFFIX}`);
  return words;
}

function bWords(text: string, room: number): string[] {
  const bytes = Math.floor(room / 4) * 3;
  const words: string[] = [];
  let word = "";
  let length = 0;
  for (const char of text) {
    const size = utf8.encode(char).length;
    if (length + size > bytes) {
      words.push(`${B_PREFIX}${encodeBase64(word)}${SUFFIX}`);
      word = "";
      length = 0;
    }
    word += char;
    length += size;
  }
  words.push(`${B_PREFIX}${encodeBase64(word)}${SUFFIX}`);
  return words;
}

function qChar(char: string): string {
  if (LITERAL.test(char)) return char;
  if (char === " ") return "_";
  let coded = "";
  for (const byte of utf8.encode(char)) coded += `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return coded;
}
