// MD5 (RFC 1321), for the md5 password method alone: WebCrypto has none. Not for anything that needs a sound hash.

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Uint32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));
const encoder = new TextEncoder();

/** The answer to AuthenticationMD5Password: `md5` and hex of md5(hex of md5(password, user), salt). */
export function md5Password(user: string, password: string, salt: Uint8Array): string {
  const inner = encoder.encode(md5Hex(encoder.encode(password + user)));
  const salted = new Uint8Array(inner.length + salt.length);
  salted.set(inner);
  salted.set(salt, inner.length);
  return `md5${md5Hex(salted)}`;
}

/** The digest in lower-case hex. */
export function md5Hex(input: Uint8Array): string {
  const words = padded(input);
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  for (let block = 0; block < words.length; block += 16) {
    const before = [a, b, c, d] as const;
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const mixed =
        (a + mix(round, b, c, d) + (SINES[step] as number) + (words[block + wordOf(round, step)] as number)) | 0;
      const shift = SHIFTS[round * 4 + (step & 3)] as number;
      a = d;
      d = c;
      c = b;
      b = (b + ((mixed << shift) | (mixed >>> (32 - shift)))) | 0;
    }
    a = (a + before[0]) | 0;
    b = (b + before[1]) | 0;
    c = (c + before[2]) | 0;
    d = (d + before[3]) | 0;
  }
  return [a, b, c, d].map(littleEndianHex).join("");
}

/** Functions F, G, H and I of the RFC. */
function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & z) | (y & ~z);
  if (round === 2) return x ^ y ^ z;
  return y ^ (x | ~z);
}

function wordOf(round: number, step: number): number {
  if (round === 0) return step & 15;
  if (round === 1) return (5 * step + 1) & 15;
  if (round === 2) return (3 * step + 5) & 15;
  return (7 * step) & 15;
}

function padded(input: Uint8Array): Uint32Array {
  const words = new Uint32Array((((input.length + 8) >> 6) + 1) * 16);
  for (let at = 0; at < input.length; at++)
    words[at >> 2] = (words[at >> 2] as number) | ((input[at] as number) << ((at & 3) * 8));
  words[input.length >> 2] = (words[input.length >> 2] as number) | (0x80 << ((input.length & 3) * 8));
  words[words.length - 2] = input.length * 8;
  return words;
}

function littleEndianHex(word: number): string {
  let hex = "";
  for (let shift = 0; shift < 32; shift += 8) hex += ((word >>> shift) & 0xff).toString(16).padStart(2, "0");
  return hex;
}
