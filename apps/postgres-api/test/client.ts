// Calls the Worker as the runtime does, against a database of its own; and reads server-sent events.

import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { postgres } from "@landline/postgres";
import type {} from "@landline/services/provided";
import { inject } from "vitest";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";

/** Creates a database that belongs to the role of `services.postgres.url`; returns its URL. */
export async function createDatabase(): Promise<string> {
  const { postgres: server } = inject("services");
  const name = `api_${crypto.randomUUID().replaceAll("-", "")}`;
  await using admin = postgres(server.adminUrl);
  await admin.unsafe(`create database ${name} owner ${server.users.scram.username}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** A client of the API. */
export class Client {
  readonly #env: Env;

  constructor(given: Partial<Env> = {}) {
    this.#env = { ...env, ...given };
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`https://api.example${path}`, init) as Request<unknown, IncomingRequestCfProperties>;
    return worker.fetch!(request, this.#env, createExecutionContext());
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.fetch(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  }

  /** GET, as JSON. */
  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Opens an account; its id. */
  async account(name: string, balance = "0"): Promise<string> {
    const response = await this.post("/accounts", { name, balance });
    if (response.status !== 201) throw new Error(`status ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { account: { id: string } }).account.id;
  }

  /** Sends money, by a key of its own. */
  transfer(source: string, target: string, amount: string, key: string = crypto.randomUUID()): Promise<Response> {
    return this.post("/transfers", { key, source, target, amount });
  }

  /** Watches live. */
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
