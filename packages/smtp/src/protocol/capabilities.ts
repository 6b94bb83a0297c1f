// What a server offers in its answer to EHLO (RFC 5321 4.1.1.1). Keywords that this client does not use are kept by name.

import type { Reply } from "./messages.ts";

/** The service extensions of one session. They are void after STARTTLS. */
export interface Capabilities {
  /** The name by which the server calls itself. */
  readonly name: string;
  /** RFC 2920. */
  readonly pipelining: boolean;
  /** RFC 1870: the largest message in bytes; `undefined` when there is no such limit, or it is not told. */
  readonly maxSize: number | undefined;
  /** RFC 1870 is offered. */
  readonly size: boolean;
  /** RFC 3207. */
  readonly starttls: boolean;
  /** RFC 6531. */
  readonly smtpUtf8: boolean;
  /** RFC 4954: SASL mechanisms in upper case, in the server's order. */
  readonly auth: readonly string[];
  /** Every keyword, in upper case. */
  readonly keywords: ReadonlySet<string>;
}

const MECHANISM = /^[A-Z0-9_-]{1,20}$/;

/** Reads the answer to EHLO. What cannot be read is left out, never guessed. */
export function parseCapabilities({ lines }: Reply): Capabilities {
  const keywords = new Set<string>();
  const auth: string[] = [];
  let maxSize: number | undefined;
  for (const line of lines.slice(1)) {
    const [keyword = "", ...parameters] = line.trim().toUpperCase().split(/ +/);
    // "AUTH=LOGIN" is what servers said before RFC 2554, and some still say both.
    const isAuth = keyword === "AUTH" || keyword.startsWith("AUTH=");
    if (isAuth) {
      for (const mechanism of [keyword.slice("AUTH=".length), ...parameters]) {
        if (MECHANISM.test(mechanism) && !auth.includes(mechanism)) auth.push(mechanism);
      }
    }
    if (keyword === "SIZE" && /^\d{1,15}$/.test(parameters[0] ?? "")) maxSize = Number(parameters[0]) || undefined;
    keywords.add(isAuth ? "AUTH" : keyword);
  }
  return {
    name: lines[0]?.trim().split(" ")[0] ?? "",
    pipelining: keywords.has("PIPELINING"),
    size: keywords.has("SIZE"),
    maxSize,
    starttls: keywords.has("STARTTLS"),
    smtpUtf8: keywords.has("SMTPUTF8"),
    auth,
    keywords,
  };
}

/** What is known of a server before it answered EHLO. */
export const NOTHING_OFFERED: Capabilities = parseCapabilities({ code: 250, enhanced: undefined, lines: [] });
