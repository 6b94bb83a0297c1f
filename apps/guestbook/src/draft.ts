// What a visitor writes, before it is an entry. Pure.

import { Problem } from "./problem.ts";

/** The longest name and message, in characters (code points). */
export const MAX_NAME = 60;
export const MAX_MESSAGE = 1000;

/** A checked name and message. */
export interface Draft {
  readonly name: string;
  readonly message: string;
}

// C0 and C1 controls: Postgres takes no NUL, and a mail's subject takes no line break. Line breaks of a message are
// made "\n" before this is asked.
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/;

/** Checks what came by form or JSON. @throws Problem 422, which names each field that is wrong */
export function parseDraft(fields: Readonly<Record<string, unknown>>): Draft {
  const name = textOf(fields["name"]).replace(/\s+/g, " ").trim();
  const message = textOf(fields["message"]).replace(/\r\n?/g, "\n").trim();
  const wrong: Record<string, string> = {};
  const nameFault = fault("name", name, MAX_NAME);
  const messageFault = fault("message", message, MAX_MESSAGE);
  if (nameFault !== undefined) wrong["name"] = nameFault;
  if (messageFault !== undefined) wrong["message"] = messageFault;
  const faults = Object.values(wrong);
  if (faults.length === 0) return { name, message };
  throw new Problem(faults.join(" "), {
    status: 422,
    code: "invalid_entry",
    advice: `A name of up to ${MAX_NAME} characters and a message of up to ${MAX_MESSAGE} are needed.`,
    fields: wrong,
  });
}

function textOf(value: unknown): string {
  // A lone half of a surrogate pair is no character; UTF-8 cannot carry it.
  return typeof value === "string" ? value.toWellFormed() : "";
}

function fault(what: string, text: string, max: number): string | undefined {
  if (text === "") return `Please write a ${what}.`;
  const { length } = Array.from(text);
  if (length > max) return `The ${what} has ${length} characters; ${max} fit.`;
  if (CONTROLS.test(text)) return `The ${what} has control characters in it; please leave them out.`;
  return undefined;
}
