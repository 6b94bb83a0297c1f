// What is checked in a request before anything is done for it: where it comes from, how large it is, what it is.

import { Problem } from "./problem.ts";

/** Of a name and a message of full length, in the most wasteful encoding, with room to spare. */
const MAX_BODY_BYTES = 16_384;

/**
 * Refuses a request that another site's page makes with the visitor's browser. A request without either header
 * comes from no browser, so that no visitor's address is lent to it.
 * @throws Problem 403
 */
export function checkOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (
    site !== null
      ? site === "same-origin" || site === "none"
      : origin === null || hostOf(origin) === hostOf(request.url)
  )
    return;
  throw new Problem("This request comes from another site.", {
    status: 403,
    code: "foreign_origin",
    advice: "Open the guestbook itself and sign there.",
  });
}

/** The fields of a form. @throws Problem 413, 415 */
export async function readForm(request: Request): Promise<Record<string, string>> {
  checkType(request, "application/x-www-form-urlencoded");
  return Object.fromEntries(new URLSearchParams(await readText(request)));
}

/** A JSON object. @throws Problem 400, 413, 415 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  checkType(request, "application/json");
  const text = await readText(request);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON: told below, as what is JSON but no object.
  }
  throw new Problem("The body is not a JSON object.", {
    status: 400,
    code: "invalid_json",
    advice: 'Send {"name": "…", "message": "…"}.',
  });
}

/** Whose requests are counted together: one IPv4 address, or one IPv6 /64, which is what a household is given. */
export function visitorOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip");
  if (address === null) return "unknown";
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::", 2);
  const groups = head.split(":").filter((group) => group !== "");
  const after = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  if (tail !== undefined) while (groups.length + after < 8) groups.push("0");
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

function checkType(request: Request, type: string): void {
  const given = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (given === type) return;
  throw new Problem(`The body's type is ${given ?? "not given"}.`, {
    status: 415,
    code: "unsupported_media_type",
    advice: `Send it as ${type}.`,
  });
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  // Leaving the loop by a throw cancels the rest of the body.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(): Problem {
  return new Problem(`The body is larger than ${MAX_BODY_BYTES} bytes.`, {
    status: 413,
    code: "too_large",
    advice: "Write a shorter message.",
  });
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
