// What a visitor sends: a bounded multipart body, its fields checked, and a trap for programs that fill in every field.

import { parseAddresses } from "@landline/smtp/message";
import { Problem } from "./problem.ts";

/** The whole form with its file. Many mail servers take 25 MB, of which base64 makes a third more. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
export const MAX_NAME = 80;
export const MAX_MESSAGE = 5_000;
/** A field that people do not see. Who fills it in is a program. */
export const TRAP = "website";

/** A checked message. */
export interface Submission {
  readonly name: string;
  readonly email: string;
  readonly message: string;
  readonly file: File | undefined;
  readonly trapped: boolean;
}

/** Refuses what another site's page sends with the visitor's browser. @throws Problem 403 */
export function checkOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const own = origin === null || origin === new URL(request.url).origin;
  if (site === null ? own : site === "same-origin" || site === "none") return;
  throw new Problem(403, "This request comes from another site. Please use the form itself.");
}

/** The form's fields as they came. @throws Problem 400, 413, 415 */
export async function readForm(request: Request): Promise<FormData> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) throw new Problem(415, "This is not the form of this page.");
  const bytes = await readBytes(request);
  try {
    return await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch {
    throw new Problem(400, "The form could not be read.");
  }
}

/** @throws Problem 422 that names what is wrong */
export function checkForm(form: FormData): Submission {
  const text = (field: string): string => {
    const value = form.get(field);
    return typeof value === "string" ? value.toWellFormed().replace(/\r\n?/g, "\n").trim() : "";
  };
  const [name, email, message] = [text("name"), text("email"), text("message")];
  const faults = [
    checkText("name", name, MAX_NAME),
    isAddress(email) ? "" : "Please write your address as name@domain.",
    checkText("message", message, MAX_MESSAGE),
    /\n/.test(name) ? "The name must be on one line." : "",
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new Problem(422, faults.join(" "));
  const file = form.get("file");
  return {
    name,
    email,
    message,
    file: file instanceof File && file.size > 0 ? file : undefined,
    trapped: text(TRAP) !== "",
  };
}

function checkText(what: string, text: string, max: number): string {
  if (text === "") return `Please write a ${what}.`;
  if (Array.from(text).length > max) return `The ${what} is longer than ${max} characters.`;
  return /[\0-\x08\x0b-\x1f\x7f]/.test(text) ? `The ${what} has control characters in it.` : "";
}

/** One plain address: the same parser that the mail goes through, so that nothing else passes there. */
function isAddress(text: string): boolean {
  try {
    const [mailbox, ...more] = parseAddresses(text);
    return mailbox?.name === "" && more.length === 0;
  } catch {
    return false;
  }
}

async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = new Problem(413, `The form and its file may have ${MAX_BODY_BYTES / 1024 / 1024} MB together.`);
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the rest of the body.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
