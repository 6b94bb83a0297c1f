// What a server offers in its answer to EHLO (RFC 5321 4.1.1.1). Keywords that this client does not use are kept by name.

/** The service extensions of one session. They are void after STARTTLS. */
export interface Capabilities {
  /** RFC 1870: the largest message in bytes; `Infinity` when there is no such limit, or it is not told. */
  readonly maxSize: number;
  /** RFC 4954: SASL mechanisms in upper case, in the server's order. */
  readonly auth: readonly string[];
  /** Every keyword, in upper case. */
  readonly keywords: ReadonlySet<string>;
}

const MECHANISM = /^[A-Z0-9_-]{1,20}$/;

/** Reads the lines of the answer to EHLO. What cannot be read is left out, never guessed. */
export function parseCapabilities(lines: readonly string[]): Capabilities {
  const keywords = new Set<string>();
  const auth = new Set<string>();
  let maxSize = Infinity;
  for (const line of lines.slice(1)) {
    // "AUTH=LOGIN" is what servers said before RFC 2554, and some still say both.
    const [keyword = "", ...parameters] = line.trim().toUpperCase().split(/[ =]+/);
    keywords.add(keyword);
    if (keyword === "AUTH") for (const name of parameters) if (MECHANISM.test(name)) auth.add(name);
    if (keyword === "SIZE" && /^\d{1,15}$/.test(parameters[0] ?? "")) maxSize = Number(parameters[0]) || Infinity;
  }
  return { maxSize, auth: [...auth], keywords };
}
