// SASLprep (RFC 4013) as PostgreSQL applies it: a password with prohibited characters is used as it is, on both sides.
// Unassigned code points of Unicode 3.2 (RFC 3454 table A.1) are not told apart.

type Range = readonly [first: number, last: number];

/** RFC 3454 C.1.2: spaces that are not ASCII. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;

/** RFC 3454 B.1: mapped to nothing. */
const NOTHING: readonly Range[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x1806, 0x1806],
  [0x180b, 0x180d],
  [0x200c, 0x200d],
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
];

/** RFC 3454 C.1.2, C.2.1, C.2.2, C.3 and C.5 to C.9; C.4 is tested by arithmetic. */
const PROHIBITED: readonly Range[] = [
  [0x0, 0x1f],
  [0x7f, 0xa0],
  [0x340, 0x341],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x2063],
  [0x206a, 0x206f],
  [0x2ff0, 0x2ffb],
  [0x3000, 0x3000],
  [0xd800, 0xf8ff],
  [0xfdd0, 0xfdef],
  [0xfeff, 0xfeff],
  [0xfff9, 0xffff],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe0001],
  [0xe0020, 0xe007f],
  [0xf0000, 0x10ffff],
];
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
const LEFT_TO_RIGHT =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The password in the form in which SCRAM hashes it. */
export function saslprep(password: string): string {
  if (PRINTABLE_ASCII.test(password)) return password;
  const mapped = Array.from(password.replace(SPACES, " ")).filter((character) => !within(NOTHING, character));
  const prepared = mapped.join("").normalize("NFKC");
  const characters = Array.from(prepared);
  if (characters.length === 0 || characters.some(isProhibited) || hasBrokenDirection(characters)) return password;
  return prepared;
}

function isProhibited(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  // C.4: the last two code points of each plane are no characters.
  return (codePoint & 0xfffe) === 0xfffe || within(PROHIBITED, character);
}

function within(ranges: readonly Range[], character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** RFC 3454 section 6: right-to-left text begins and ends so, and holds no left-to-right letters. */
function hasBrokenDirection(characters: readonly string[]): boolean {
  if (!characters.some((character) => RIGHT_TO_LEFT.test(character))) return false;
  const ends = [characters[0] ?? "", characters.at(-1) ?? ""];
  return characters.some((character) => LEFT_TO_RIGHT.test(character)) || !ends.every((end) => RIGHT_TO_LEFT.test(end));
}
