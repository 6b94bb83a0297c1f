// The checks that every text of a message passes before it becomes part of a header. Refuses; never repairs.

const CONTROL = /[\u0000-\u001f\u007f]/;

/** @throws TypeError when `text` is not a string, has a control character, or is not well-formed Unicode. */
export function checkText(text: unknown, what: string): asserts text is string {
  if (typeof text !== "string") throw new TypeError(`${what} must be a string`);
  if (CONTROL.test(text)) throw new TypeError(`${what} must not contain control characters or line breaks`);
  checkWellFormed(text, what);
}

/** @throws TypeError when a surrogate stands alone: it has no UTF-8. */
export function checkWellFormed(text: string, what: string): void {
  if (!text.isWellFormed()) throw new TypeError(`${what} must not contain lone surrogates`);
}

/** Whether every character is ASCII. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** @throws TypeError when `given` has a field that is not one of `names`, which have blanks between them. */
export function checkFields(given: object, names: string, what: string): void {
  const stranger = Object.keys(given).find((field) => !names.split(" ").includes(field));
  if (stranger !== undefined) throw new TypeError(`${what} has no field ${JSON.stringify(stranger.slice(0, 40))} here`);
}

/** Every byte of its UTF-8 as `mark` and two hexadecimal digits, but for the characters that are `literal`. */
export function escapeBytes(text: string, mark: string, literal: RegExp): string {
  let escaped = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    escaped += literal.test(char) ? char : mark + byte.toString(16).toUpperCase().padStart(2, "0");
  }
  return escaped;
}
