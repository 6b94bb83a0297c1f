// SASLprep (RFC 4013) as PostgreSQL applies it: a password with prohibited characters is used as it is, on both sides.
// Unassigned code points of Unicode 3.2 (RFC 3454 table A.1) are not told apart.

/** RFC 3454 C.1.2: spaces that are not ASCII. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454 B.1: mapped to nothing. */
const NOTHING = /[\u{34f}\u{180b}-\u{180d}\u{fe00}-\u{fe0f}\u{ad}\u{1806}\u{2060}\u{feff}\u{200c}-\u{200d}]/gu;
/** RFC 3454 C.1.2, C.2.1, C.2.2 and C.3 to C.9. */
const PROHIBITED =
  // oxlint-disable-next-line no-control-regex
  /[\u{340}-\u{341}\0-\x1f\x7f-\u{a0}\u{6dd}\u{70f}\u{1680}\u{180e}\u{2000}-\u{200f}\u{2028}-\u{202f}\u{205f}-\u{2063}\u{206a}-\u{206f}\u{2ff0}-\u{2ffb}\u{3000}\u{d800}-\u{f8ff}\u{feff}\u{fff9}-\u{ffff}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}\u{f0000}-\u{10ffff}\p{Noncharacter_Code_Point}]/u;
const RIGHT_TO_LEFT = /[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}]/u;
const LEFT_TO_RIGHT = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The password in the form in which SCRAM hashes it. */
export function saslprep(password: string): string {
  if (PRINTABLE_ASCII.test(password)) return password;
  const prepared = password.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
  return prepared === "" || PROHIBITED.test(prepared) || hasBrokenDirection(prepared) ? password : prepared;
}

/** RFC 3454 section 6: right-to-left text begins and ends so, and holds no left-to-right letters. */
function hasBrokenDirection(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return false;
  const characters = Array.from(text);
  return (
    LEFT_TO_RIGHT.test(text) || !RIGHT_TO_LEFT.test(characters[0] ?? "") || !RIGHT_TO_LEFT.test(characters.at(-1) ?? "")
  );
}
