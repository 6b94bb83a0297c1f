// A visitor of the guestbook: calls the Worker as the runtime does, and can wait for what it does after its answer.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Entry } from "../src/entries.ts";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";

const ORIGIN = "https://guestbook.example";

/** What the API tells of a problem. */
export interface ApiProblem {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly advice: string;
    readonly fields?: Readonly<Record<string, string>>;
  };
}

/** See the head of the file. */
export class Visitor {
  readonly #env: Env;
  readonly #address: string;

  /** Each visitor has an address, and with it turns, of its own. */
  constructor(given: Partial<Env> = {}, address: string = crypto.randomUUID()) {
    this.#env = { ...env, ...given };
    this.#address = address;
  }

  /** One request, without waiting for what follows the answer. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return (await this.begin(path, init)).response;
  }

  /** One request; `after` settles when everything that follows the answer has. */
  async begin(path: string, init: RequestInit = {}): Promise<{ response: Response; after: Promise<void> }> {
    const request = new Request(`${ORIGIN}${path}`, init) as Request<unknown, IncomingRequestCfProperties>;
    request.headers.set("cf-connecting-ip", this.#address);
    const ctx = createExecutionContext();
    const response = await worker.fetch!(request, this.#env, ctx);
    return { response, after: waitOnExecutionContext(ctx) };
  }

  /** POST /api/entries */
  post(body: unknown, headers: Record<string, string> = {}): Promise<{ response: Response; after: Promise<void> }> {
    return this.begin("/api/entries", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** Signs by the API and waits until everyone is told. */
  async sign(name: string, message: string): Promise<Entry> {
    const { response, after } = await this.post({ name, message });
    if (response.status !== 201) throw new Error(`status ${response.status}: ${await response.text()}`);
    await after;
    return ((await response.json()) as { entry: Entry }).entry;
  }

  /** Submits the page's form. */
  submit(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch("/", { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual" });
  }

  /** The entries as the API lists them. */
  async entries(query = ""): Promise<{ entries: Entry[]; next: string | null }> {
    const response = await this.fetch(`/api/entries${query}`);
    if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
