// Encoded words (RFC 2047): text of any kind in ASCII headers. Each word holds whole characters and at most 75 bytes.

import { encodeBase64 } from "./base64.ts";
import { escapeBytes } from "./text.ts";

/** The longest encoded word that RFC 2047 section 2 allows. */
const MAX_WORD = 75;
/** What surrounds the text: `=?UTF-8?Q?…?=`. */
const MARKS = 12;
/** What may stand for itself in every place where an encoded word may be (RFC 2047 5, rule 3). */
const LITERAL = /[A-Za-z0-9!*+/-]/;
const utf8 = new TextEncoder();

/** `text` as encoded words of at most `limit` characters (default 75), to be joined by blanks that readers drop. */
export function encodeWords(text: string, limit: number = MAX_WORD): string[] {
  const room = Math.min(limit, MAX_WORD) - MARKS;
  const q = (char: string): string => (char === " " ? "_" : escapeBytes(char, "=", LITERAL));
  let qLength = 0;
  for (const char of text) qLength += q(char).length;
  const isQ = qLength <= Math.ceil((utf8.encode(text).length * 4) / 3);
  const limitOfWord = isQ ? room : Math.floor(room / 4) * 3;
  const words: string[] = [];
  let word = "";
  let length = 0;
  const end = (): number => words.push(isQ ? `=?UTF-8?Q?${word}?=` : `=?UTF-8?B?${encodeBase64(word)}?=`);
  for (const char of text) {
    const coded = isQ ? q(char) : char;
    const size = isQ ? coded.length : utf8.encode(char).length;
    if (length + size > limitOfWord) {
      end();
      word = "";
      length = 0;
    }
    word += coded;
    length += size;
  }
  end();
  return words;
}
