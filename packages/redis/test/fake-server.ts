// A server by script: reads commands with the real decoder, answers with raw RESP. For what no real server does on
// demand: silence, hostile replies, a connection lost at a chosen moment.

import { transportPair } from "@landline/core/testing";
import type { Transport } from "@landline/core";
import { ReplyDecoder } from "../src/protocol/decoder.ts";
import { DEFAULT_FORMAT } from "../src/protocol/messages.ts";

/** Answers a command: raw RESP, or nothing. */
export type Script = (command: readonly string[], server: FakeServer) => string | undefined;

export class FakeServer {
  /** The client's end. */
  readonly client: Transport;
  /** Every command seen, words joined by a space. */
  readonly seen: string[] = [];
  /** How many chunks the commands came in. */
  chunks = 0;
  readonly #end: Transport;
  readonly #script: Script;
  readonly #decoder = new ReplyDecoder();
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  static async start(script: Script = () => undefined, chunkBytes: number = Infinity): Promise<FakeServer> {
    const [client, end] = await transportPair({ chunkBytes });
    return new FakeServer(client, end, script);
  }

  private constructor(client: Transport, end: Transport, script: Script) {
    this.client = client;
    this.#end = end;
    this.#script = script;
    const sink = {
      format: DEFAULT_FORMAT,
      push: () => {},
      reply: (value: unknown) => this.#command(value as string[]),
    };
    end.receive({
      data: (chunk) => {
        this.chunks++;
        this.#decoder.push(chunk, sink);
      },
      end: () => this.close(),
      error: () => {},
    });
  }

  /** Resolves once `count` commands have come. */
  commands(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#wake();
    });
  }

  send(resp: string): void {
    this.#end.write(new TextEncoder().encode(resp));
  }

  /** Ends the connection in the orderly way. */
  close(): void {
    void this.#end.close();
  }

  /** Ends the connection by a reset. */
  reset(): void {
    this.#end.abort();
  }

  #command(words: readonly string[]): void {
    this.seen.push(words.join(" "));
    const answer = this.#script(words, this);
    if (answer !== undefined) this.send(answer);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiting) if (this.seen.length >= waiter.count) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.seen.length < count);
  }
}
