// Quoted-printable (RFC 2045 6.7) from bytes whose line ends are CRLF. Lines of 76 characters at most.

const MAX_LINE = 76;
const HEX = new TextEncoder().encode("0123456789ABCDEF");
const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** What each byte takes: 1 when it may stand for itself (blanks at the end of a line apart), and CR and LF; else 3. */
const COST = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= SPACE && byte <= 0x7e && byte !== EQUALS) || byte === TAB || byte === CR || byte === LF ? 1 : 3,
);

/** How many characters it takes, soft line breaks apart. */
export function quotedPrintableCost(bytes: Uint8Array): number {
  let cost = 0;
  for (let index = 0; index < bytes.length; index++) cost += COST[bytes[index] as number] as number;
  return cost;
}

/** Encodes `bytes`; each CRLF stays a line end, any other CR or LF is encoded. */
export function quotedPrintable(bytes: Uint8Array): Uint8Array {
  // At worst every byte takes three characters, and every 73 of them a soft break of three.
  const worst = bytes.length * 3;
  const out = new Uint8Array(worst + Math.ceil(worst / (MAX_LINE - 3)) * 3 + 3);
  let at = 0;
  let column = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    const next = bytes[index + 1] as number;
    // Most bytes: literal, in the middle of a line. Comparing with undefined, at the end, is false.
    if (column < MAX_LINE - 1 && COST[byte] === 1 && (byte > SPACE || (byte === SPACE && next > SPACE))) {
      out[at++] = byte;
      column++;
      continue;
    }
    if (byte === CR && next === LF) {
      out[at++] = CR;
      out[at++] = LF;
      index++;
      column = 0;
      continue;
    }
    const lineEnds = index + 1 === bytes.length || (next === CR && bytes[index + 2] === LF);
    const literal = COST[byte] === 1 && (byte > SPACE || ((byte === SPACE || byte === TAB) && !lineEnds));
    const width = literal ? 1 : 3;
    // One column stays free for the soft break, unless the line ends here anyway.
    if (column + width > (lineEnds ? MAX_LINE : MAX_LINE - 1)) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
    }
    if (literal) {
      out[at++] = byte;
    } else {
      out[at++] = EQUALS;
      out[at++] = HEX[byte >> 4] as number;
      out[at++] = HEX[byte & 15] as number;
    }
    column += width;
  }
  return out.subarray(0, at);
}
