// What the clients' spans are in Workers' own tracing: a real workerd, whose streaming Tail Worker tells what it was told.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { TOLD } from "./spans/everything.ts";

const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };
const services = inject("services");
const directory = mkdtempSync(join(tmpdir(), "landline-spans-"));
const word = `word-${crypto.randomUUID()}`;

interface Span {
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Record<string, unknown>;
  closed: boolean;
}

interface Heard {
  readonly spanContext: { readonly spanId?: string };
  readonly event: {
    readonly type: string;
    readonly name: string;
    readonly spanId: string;
    readonly info: readonly { readonly name: string; readonly value: unknown }[];
  };
}

let child: ReturnType<typeof spawn>;
let ports: { readonly main: number; readonly tail: number };
let spans: Span[];

beforeAll(async () => {
  await build({
    entryPoints: ["worker.ts", "tail.ts"].map((file) => join(import.meta.dirname, "spans", file)),
    outdir: directory,
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*"],
    logLevel: "silent",
  });
  writeFileSync(join(directory, "ca.pem"), services.ca.pem);
  const { postgres, redis, smtp } = services;
  writeFileSync(
    join(directory, "services.json"),
    JSON.stringify({ postgres: postgres.url, redis: redis.tlsUrl, smtp: smtp.url }),
  );
  writeFileSync(join(directory, "config.capnp"), CONFIGURATION);
  child = spawn(workerd, ["serve", "--experimental", "config.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  ports = await listening(child.stdio[3] as Readable);
  spans = await spansAfter(1, new Request(`http://127.0.0.1:${ports.main}/?word=${word}`));
});

afterAll(() => {
  child.kill();
  rmSync(directory, { recursive: true, force: true });
});

test("Workers' tracing has a span for each connection, query, command and message, under the one that was active", () => {
  const outer = spans.find(({ name }) => name === "outer");
  // The platform has spans of its own for what is below: a "connect" for each socket.
  const ours = spans.filter(({ attributes }) => "db.system.name" in attributes || "messaging.system" in attributes);
  expect(ours.map(({ name }) => name).toSorted()).toEqual(
    ["SELECT landline", "SELECT landline", "SET", "connect", "connect", "connect", "send"].toSorted(),
  );
  expect(ours.every(({ closed }) => closed)).toBe(true);
  const [first, second] = ours.filter(({ name }) => name === "SELECT landline");
  expect(first?.parent).toBe(outer?.id);
  expect(second?.parent).not.toBe(outer?.id);
  expect(first?.attributes).toMatchObject({
    "db.system.name": "postgresql",
    "db.operation.name": "SELECT",
    "db.query.text": "select $1::text",
    "server.address": "localhost",
  });
  expect(second?.attributes).toMatchObject({ "error.type": "22P02", "landline.outcome": "refused" });
  expect(ours.find(({ name }) => name === "send")?.attributes).toMatchObject({ "landline.smtp.accepted": 1 });
});

test("no secret and no parameter is in any of them", () => {
  // The request's own address is the platform's to tell, and has the word.
  const told = JSON.stringify(spans);
  for (const secret of [word, services.postgres.users.scram.password, services.redis.user.password, "me@a.example"]) {
    expect(told).not.toContain(secret);
  }
});

test("nor when all that clients do is done, well and badly; each of it is told", async () => {
  const words = { word: `word-${crypto.randomUUID()}`, secret: `secret-${crypto.randomUUID()}` };
  const body = JSON.stringify(words);
  const all = await spansAfter(2, new Request(`http://127.0.0.1:${ports.main}/`, { method: "POST", body }));
  const ours = all
    .slice(spans.length)
    .filter(({ attributes }) => "db.system.name" in attributes || "messaging.system" in attributes);
  const counts: Record<string, number> = {};
  for (const { name, attributes } of ours) {
    const key = `${"error.type" in attributes ? "!" : ""}${name}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(counts).toEqual(TOLD);
  expect(ours.every(({ closed }) => closed)).toBe(true);
  const told = JSON.stringify(ours);
  for (const hidden of [words.word, words.word.replaceAll("-", "_"), words.secret]) expect(told).not.toContain(hidden);
});

/** All spans there are, once the tail has heard of the end of so many invocations: after their callers have. */
async function spansAfter(invocations: number, request: Request): Promise<Span[]> {
  const answer = await (await fetch(request)).text();
  if (answer !== "done") throw new Error(answer);
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${ports.tail}/`)).text();
    if (text.split(`"type":"outcome"`).length > invocations) return spansOf(JSON.parse(text) as Heard[]);
  }
}

function spansOf(heard: readonly Heard[]): Span[] {
  const found = new Map<string, Span>();
  for (const { spanContext, event } of heard) {
    const { spanId } = spanContext;
    if (event.type === "spanOpen") {
      found.set(event.spanId, { id: event.spanId, name: event.name, parent: spanId, attributes: {}, closed: false });
    }
    const span = found.get(spanId ?? "");
    if (event.type === "attributes" && span !== undefined) {
      for (const { name, value } of event.info) span.attributes[name] = value;
    }
    if (event.type === "spanClose" && span !== undefined) span.closed = true;
  }
  return [...found.values()];
}

/** The ports, from the lines of JSON that workerd writes to its control descriptor once its sockets listen. */
async function listening(control: Readable): Promise<{ main: number; tail: number }> {
  let lines = "";
  for await (const chunk of control) {
    lines += String(chunk);
    const ports = lines
      .split("\n")
      .filter((line) => line.includes('"listen"'))
      .map((line) => JSON.parse(line) as { socket: "main" | "tail"; port: number });
    if (ports.length === 2) {
      return Object.fromEntries(ports.map(({ socket, port }) => [socket, port])) as { main: number; tail: number };
    }
  }
  throw new Error("workerd closed its control descriptor before it listened");
}

const CONFIGURATION = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "tail", worker = .tail),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [embed "ca.pem"])
    ))
  ],
  sockets = [
    (name = "main", address = "127.0.0.1:0", http = (), service = "main"),
    (name = "tail", address = "127.0.0.1:0", http = (), service = "tail")
  ]
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
  bindings = [(name = "SERVICES", json = embed "services.json")],
  streamingTails = ["tail"]
);
const tail :Workerd.Worker = (
  modules = [(name = "tail.js", esModule = embed "tail.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["streaming_tail_worker"]
);
`;
