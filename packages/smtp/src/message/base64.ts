// Base64 (RFC 4648), and its form for mail bodies: lines of 76 characters with CRLF (RFC 2045 6.8). Bytes to bytes.

const ALPHABET = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PAD = 0x3d; // '='
const LINE_BYTES = 57; // 76 characters
const utf8 = new TextEncoder();
const ascii = new TextDecoder();

/** Base64 of UTF-8 text or bytes, on one line. */
export function encodeBase64(input: string | Uint8Array): string {
  const bytes = typeof input === "string" ? utf8.encode(input) : input;
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  encodeInto(bytes, 0, bytes.length, out, 0);
  return ascii.decode(out);
}

/** How many bytes {@link base64Lines} returns for so many. */
export function base64LinesLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4 + Math.ceil(bytes / LINE_BYTES) * 2;
}

/** Base64 in lines of 76 characters, each with CRLF. */
export function base64Lines(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(base64LinesLength(bytes.length));
  let at = 0;
  for (let start = 0; start < bytes.length; start += LINE_BYTES) {
    at = encodeInto(bytes, start, Math.min(start + LINE_BYTES, bytes.length), out, at);
    out[at++] = 0x0d;
    out[at++] = 0x0a;
  }
  return out;
}

function encodeInto(bytes: Uint8Array, start: number, end: number, out: Uint8Array, offset: number): number {
  let at = offset;
  let index = start;
  for (; index + 2 < end; index += 3) {
    const group = ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number);
    out[at++] = ALPHABET[group >> 18] as number;
    out[at++] = ALPHABET[(group >> 12) & 63] as number;
    out[at++] = ALPHABET[(group >> 6) & 63] as number;
    out[at++] = ALPHABET[group & 63] as number;
  }
  const left = end - index;
  if (left === 0) return at;
  const group = ((bytes[index] as number) << 16) | (left === 2 ? (bytes[index + 1] as number) << 8 : 0);
  out[at++] = ALPHABET[group >> 18] as number;
  out[at++] = ALPHABET[(group >> 12) & 63] as number;
  out[at++] = left === 2 ? (ALPHABET[(group >> 6) & 63] as number) : PAD;
  out[at++] = PAD;
  return at;
}
