// One connection to a NATS server (docs.nats.io, "NATS Client Protocol"), shared by all who publish, ask and listen on it. What
// the server pushes goes to whoever has asked for it; when the connection ends, each of them learns of it once.

import { ClosedError, dial, LandlineError, ProtocolError } from "@landline/core";
import type { DialOptions, SocketAddress, Transport } from "@landline/core";
import { ByteReader } from "@landline/core/bytes";

/** What somebody published. */
export interface Message {
  readonly subject: string;
  /** Where an answer is expected. */
  readonly reply: string | undefined;
  readonly data: Uint8Array;
}

/** Where and how to connect. */
export interface NatsOptions extends Pick<DialOptions, "connect" | "connectTimeout"> {
  readonly address: SocketAddress;
  readonly token?: string | undefined;
}

/** Who is told of the messages of one subscription. */
export interface Listener {
  message(message: Message): void;
  end(error: unknown): void;
}

const MAX_PAYLOAD = 1024 * 1024;
const CONTROL_LINE = { maxBytes: 4096 };
const SUBJECT = /^[^\s.*>\u0000-\u001f]+(?:\.[^\s.*>\u0000-\u001f]+)*$/;
const PATTERN = /^(?:[^\s.*>\u0000-\u001f]+|\*)(?:\.(?:[^\s.*>\u0000-\u001f]+|\*))*(?:\.>)?$/;

/** @throws TypeError for what would be more than a subject, or matches several. */
export function checkSubject(subject: string, pattern = false): void {
  if (!(pattern ? PATTERN : SUBJECT).test(subject)) throw new TypeError("a subject is words with dots between them");
}

/** Connects and logs in. @throws what `dial` throws; LandlineError `refused` when the server does not take the login. */
export async function open({ address, token, ...options }: NatsOptions, signal?: AbortSignal): Promise<Connection> {
  const transport = await dial(address, { ...options, signal });
  const onAbort = (): void => transport.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const reader = new ByteReader(transport);
    const info = await reader.readLine({ maxBytes: 64 * 1024, timeout: 5_000 });
    if (!info.startsWith("INFO ")) throw new ProtocolError("the server does not greet as NATS does");
    const login = {
      verbose: false,
      pedantic: false,
      lang: "landline",
      ...(token === undefined ? {} : { auth_token: token }),
    };
    transport.writer.utf8(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
    const answer = await reader.readLine({ ...CONTROL_LINE, timeout: 5_000 });
    if (answer !== "PONG") throw refusal(answer);
    return new Connection(transport, reader);
  } catch (error) {
    transport.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

export class Connection {
  readonly #transport: Transport;
  readonly #reader: ByteReader;
  readonly #listeners = new Map<number, Listener>();
  /** Those who wait for a PONG, in order. */
  #flushes: { resolve(): void; reject(error: unknown): void }[] = [];
  #lastId = 0;
  #failure: unknown;

  constructor(transport: Transport, reader: ByteReader) {
    this.#transport = transport;
    this.#reader = reader;
    void this.#loop();
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** Several in a tick leave as one write. */
  publish(subject: string, data: Uint8Array, reply = ""): void {
    if (data.length > MAX_PAYLOAD) throw new TypeError(`a message has at most ${MAX_PAYLOAD} bytes`);
    if (this.#failure !== undefined) throw this.#failure;
    this.#transport.writer.utf8(`PUB ${subject} ${reply === "" ? "" : `${reply} `}${data.length}\r\n`);
    this.#transport.write(data);
    this.#transport.writer.utf8("\r\n");
  }

  /** Returns what ends it. */
  subscribe(pattern: string, listener: Listener): () => void {
    if (this.#failure !== undefined) throw this.#failure;
    const id = ++this.#lastId;
    this.#listeners.set(id, listener);
    this.#transport.writer.utf8(`SUB ${pattern} ${id}\r\n`);
    return () => {
      if (this.#listeners.delete(id)) this.#transport.writer.utf8(`UNSUB ${id}\r\n`);
    };
  }

  /** Resolves once the server has read all that was sent before. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#transport.writer.utf8("PING\r\n");
    return new Promise((resolve, reject) => this.#flushes.push({ resolve, reject }));
  }

  close(): void {
    this.#end(new ClosedError("this client has been closed", { code: "CLOSED", outcome: "unknown" }));
    void this.#transport.close();
  }

  async #loop(): Promise<void> {
    try {
      while (this.#failure === undefined) await this.#next();
    } catch (error) {
      this.#transport.abort(error);
      this.#end(error);
    }
  }

  async #next(): Promise<void> {
    const [verb = "", ...words] = (await this.#reader.readLine(CONTROL_LINE)).split(" ");
    if (verb === "MSG") return this.#message(words);
    if (verb === "PING") return void this.#transport.writer.utf8("PONG\r\n");
    if (verb === "PONG") return this.#flushes.shift()?.resolve();
    if (verb === "-ERR") throw refusal([verb, ...words].join(" "));
    if (!["+OK", "INFO"].includes(verb)) throw new ProtocolError("the server sent what NATS does not know");
  }

  /** `MSG <subject> <id> [reply] <length>`, and as many bytes. */
  async #message(words: readonly string[]): Promise<void> {
    const [subject = "", id] = words;
    const length = Number(words.at(-1));
    if (!Number.isInteger(length) || length < 0 || length > MAX_PAYLOAD || words.length < 3 || words.length > 4) {
      throw new ProtocolError("the server sent a message that cannot be read");
    }
    const data = await this.#reader.readExactly(length);
    await this.#reader.skip(2);
    this.#listeners.get(Number(id))?.message({ subject, reply: words.length === 4 ? words[2] : undefined, data });
  }

  #end(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const listener of this.#listeners.values()) listener.end(error);
    this.#listeners.clear();
    for (const { reject } of this.#flushes.splice(0)) reject(error);
  }
}

function refusal(line: string): LandlineError {
  const reason = /^-ERR '(.*)'$/.exec(line)?.[1];
  if (reason === undefined) return new ProtocolError("the server sent what NATS does not know");
  return new LandlineError(`the server refused: ${reason}`, { code: "NATS_REFUSED", outcome: "refused" });
}
