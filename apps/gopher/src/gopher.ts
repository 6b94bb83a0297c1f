// A gopher client (RFC 1436): one line asks, the answer is lines, and the server ends the connection with it.

import { dial, LandlineError, ProtocolError } from "@landline/core";
import type { AnySocketAddress, DialOptions, Transport } from "@landline/core";
import { ByteReader } from "@landline/core/bytes";
import { Pool } from "@landline/core/pool";

/** A line of a menu. `type` is one character: 0 text, 1 menu, 7 search, i words, 3 error, … */
export interface Item {
  readonly type: string;
  readonly title: string;
  readonly selector: string;
  readonly hostname: string;
  readonly port: number;
}

/** What one call may take. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The server says that it has no such thing. */
export class GopherError extends LandlineError {
  override readonly name: string = "GopherError";
}

const LINE_TIMEOUT = 5_000;
const MAX_ANSWER = 1024 * 1024;

// Protocol: bytes and text, nothing else.

/** The line that asks for a selector. @throws TypeError for one that would be more than a line. */
export function request(selector: string, query?: string): string {
  const words = query === undefined ? [selector] : [selector, query];
  if (words.some((word) => /[\t\r\n\0]/.test(word))) throw new TypeError("a selector is one line, without tabs");
  return `${words.join("\t")}\r\n`;
}

/** The items of a menu. What is no item is passed over, as every client does. */
export function parseMenu(lines: readonly string[]): Item[] {
  return lines.flatMap((line) => {
    const [title = "", selector, hostname, port] = line.split("\t");
    if (selector === undefined || hostname === undefined || port === undefined) return [];
    return [{ type: title.charAt(0), title: title.slice(1), selector, hostname, port: Number.parseInt(port, 10) }];
  });
}

// Connection: one request over one transport.

/** Asks, and reads the lines of the answer. @throws GopherError, and what reading throws. */
export async function ask(transport: Transport, line: string, { signal }: CallOptions = {}): Promise<string[]> {
  transport.write(new TextEncoder().encode(line));
  const lines: string[] = [];
  let left = MAX_ANSWER;
  for (;;) {
    const next = await readLine(transport, { signal, timeout: LINE_TIMEOUT, maxBytes: left });
    if (next === undefined || next === ".") break;
    left = Math.max(0, left - next.length - 2);
    // A dot at the beginning is doubled, so that none can be taken for the end.
    lines.push(next.startsWith("..") ? next.slice(1) : next);
  }
  const [first] = parseMenu(lines.slice(0, 1));
  if (first?.type === "3") throw new GopherError(first.title, { code: "GOPHER_ERROR", outcome: "refused" });
  return lines;
}

/** The next line; the last one may lack its end, and many servers end without a dot. */
async function readLine(
  transport: Transport,
  bounds: Parameters<ByteReader["readLine"]>[0],
): Promise<string | undefined> {
  try {
    return await new ByteReader(transport).readLine(bounds);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== "PROTOCOL_TRUNCATED") throw error;
    const rest = await transport.pull();
    return rest === undefined || rest.length === 0 ? undefined : new TextDecoder().decode(rest);
  }
}

// Client: what users call, over a pool.

/** A gopher server. Does nothing until it is asked, so that it may be made at module scope. */
export class Gopher implements AsyncDisposable {
  readonly #pool: Pool<Transport>;

  constructor(address: AnySocketAddress, options: Pick<DialOptions, "connect" | "connectTimeout"> = {}) {
    this.#pool = new Pool<Transport>(
      {
        create: (signal) => dial(address, { ...options, signal }),
        destroy: (transport) => void transport.close(),
      },
      // A connection serves one request; where a protocol keeps them, this is not said.
      { max: 4, maxUses: 1 },
    );
  }

  async menu(selector = "", options: CallOptions & { readonly query?: string } = {}): Promise<Item[]> {
    return parseMenu(await this.#ask(request(selector, options.query), options));
  }

  async text(selector: string, options: CallOptions = {}): Promise<string> {
    return (await this.#ask(request(selector), options)).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool.close();
  }

  #ask(line: string, options: CallOptions): Promise<string[]> {
    return this.#pool.use((transport) => ask(transport, line, options), options);
  }
}
