// Calls the Worker as the runtime does; and reads server-sent events.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";

/** A visitor, who has an address of his own. */
export class Visitor {
  readonly address: string;
  readonly #env: Env;

  constructor(address = `visitor-${crypto.randomUUID()}`, given: Partial<Env> = {}) {
    this.address = address;
    this.#env = { ...env, ...given };
  }

  /** Resolves once what goes on behind the answer has ended, too. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const ctx = createExecutionContext();
    const headers = new Headers(init.headers);
    headers.set("cf-connecting-ip", this.address);
    const request = new Request(`https://app.example${path}`, { ...init, headers });
    const response = await worker.fetch!(request as Request<unknown, IncomingRequestCfProperties>, this.#env, ctx);
    await waitOnExecutionContext(ctx);
    return response;
  }

  score(player: string, points: unknown): Promise<Response> {
    return this.fetch("/api/scores", { method: "POST", body: JSON.stringify({ player, points }) });
  }

  async watch(): Promise<Events> {
    const response = await this.fetch("/live");
    if (response.body === null || response.status !== 200) throw new Error(`status ${response.status}`);
    return new Events(response.body);
  }
}

/** One event of a stream. */
export interface Event {
  readonly name: string;
  readonly data: unknown;
}

/** Server-sent events. */
export class Events {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  }

  /** The next event; comments and the like are left out. `undefined` at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        // oxlint-disable-next-line no-await-in-loop -- one chunk after the other
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += value;
        continue;
      }
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
      if (name !== undefined && data !== undefined) return { name, data: JSON.parse(data) as unknown };
    }
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}
