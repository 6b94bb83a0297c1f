// SASLprep (RFC 4013) as PostgreSQL applies it: a password with prohibited characters is used as it is, on both sides.
// Unassigned code points of Unicode 3.2 (table A.1) are not told apart.

/** RFC 3454 C.1.2: spaces that are not ASCII. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454 B.1: mapped to nothing. */
const NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;
/** RFC 3454 C.1.2, C.2.1, C.2.2 and C.3 to C.9. */
const PROHIBITED =
  /[\u0000-\u001f\u007f-\u00a0\u0340\u0341\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2063\u206a-\u206f\u2ff0-\u2ffb\u3000\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff]|[\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}\u{f0000}-\u{10ffff}]|\p{Cs}|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}]/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
const LEFT_TO_RIGHT = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The password in the form in which SCRAM hashes it. */
export function saslprep(password: string): string {
  if (PRINTABLE_ASCII.test(password)) return password;
  const prepared = password.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
  if (prepared === "" || PROHIBITED.test(prepared) || brokenDirection(prepared)) return password;
  return prepared;
}

/** RFC 3454 section 6: right-to-left text begins and ends so, and holds no left-to-right letters. */
function brokenDirection(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return false;
  const characters = [...text];
  const first = characters[0] ?? "";
  const last = characters.at(-1) ?? "";
  return LEFT_TO_RIGHT.test(text) || !RIGHT_TO_LEFT.test(first) || !RIGHT_TO_LEFT.test(last);
}
