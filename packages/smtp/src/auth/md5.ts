// MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), for CRAM-MD5 alone: WebCrypto has no MD5 outside of workerd. Short inputs only,
// pure; never to be used for anything that MD5 is too weak for.

const BLOCK = 64;
/** RFC 1321 3.4: four shifts for each of four rounds. */
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
/** RFC 1321 3.4: the table T, by its definition. */
const SINES: Int32Array = Int32Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32),
);

/** The digest, 16 bytes. */
export function md5(input: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((input.length + 8) >> 6) + 1) * BLOCK);
  padded.set(input);
  padded[input.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, input.length << 3, true);
  view.setUint32(padded.length - 4, Math.floor(input.length / 2 ** 29), true);

  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += BLOCK) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const [mixed, word] = mix(round, step, b, c, d);
      const sum = (a + mixed + (SINES[step] as number) + view.getUint32(block + word * 4, true)) | 0;
      const shift = SHIFTS[round * 4 + (step & 3)] as number;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    for (const [index, value] of [a, b, c, d].entries()) state[index] = ((state[index] as number) + value) | 0;
  }
  const digest = new DataView(new ArrayBuffer(16));
  for (const [index, value] of state.entries()) digest.setInt32(index * 4, value, true);
  return new Uint8Array(digest.buffer);
}

/** The functions F, G, H and I, and which word of the block goes with them. */
function mix(round: number, step: number, b: number, c: number, d: number): [mixed: number, word: number] {
  if (round === 0) return [(b & c) | (~b & d), step];
  if (round === 1) return [(b & d) | (c & ~d), (5 * step + 1) & 15];
  if (round === 2) return [b ^ c ^ d, (3 * step + 5) & 15];
  return [c ^ (b | ~d), (7 * step) & 15];
}

/** The authentication code of `message` under `key`, 16 bytes. */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK ? md5(key) : key;
  const keyed = (pad: number, text: Uint8Array): Uint8Array => {
    const input = new Uint8Array(BLOCK + text.length).fill(pad, 0, BLOCK);
    for (const [index, byte] of short.entries()) input[index] = byte ^ pad;
    input.set(text, BLOCK);
    return md5(input);
  };
  return keyed(0x5c, keyed(0x36, message));
}
