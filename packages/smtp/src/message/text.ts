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
