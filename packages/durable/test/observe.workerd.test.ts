// What the clients of pool objects tell an observer: names, outcomes, the pool; and nothing confidential unless it asks.

import type { Operation, OperationEnd } from "@landline/core";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { durablePostgres, type PoolNamespace } from "../src/postgres/index.ts";
import { durableRedis } from "../src/redis/index.ts";
import { durableSmtp } from "../src/smtp/index.ts";

const services = inject("services");
const { PG, KV, MAIL } = env as Record<"PG" | "KV" | "MAIL", PoolNamespace>;
const name = "observed";

interface Heard {
  readonly operation: Operation;
  end?: OperationEnd;
}

function listening(): {
  heard: Heard[];
  options: { name: string; observe: (o: Operation) => (e: OperationEnd) => void };
} {
  const heard: Heard[] = [];
  const observe = (operation: Operation): ((end: OperationEnd) => void) => {
    const entry: Heard = { operation };
    heard.push(entry);
    return (end) => void (entry.end = end);
  };
  return { heard, options: { name, observe } };
}

/** All that an observer has without asking. */
const told = (heard: readonly Heard[]): string =>
  JSON.stringify(heard.map(({ operation, end }) => [operation.name, operation.attributes, end?.attributes]));

const names = (heard: readonly Heard[], kind: string): string[] =>
  heard
    .filter(({ operation }) => operation.kind === kind)
    .map(({ operation, end }) => `${end?.error === undefined ? "" : "!"}${operation.name}`);

beforeAll(async () => {
  // A first request of each kind says how its object is configured.
  const configure = (path: string, body: object): Promise<Response> =>
    exports.default.fetch(`http://worker/${path}`, { method: "POST", body: JSON.stringify({ name, ...body }) });
  await configure("", { act: "query", text: "select 1", options: { url: services.postgres.url } });
  await configure("redis", { act: "call", options: { url: services.redis.url } });
  await configure("smtp", { act: "stats", options: { url: services.smtp.url } });
});

test("queries, batches, cursors, streams and transactions", async () => {
  const word = `word-${crypto.randomUUID()}`;
  const { heard, options } = listening();
  await using sql = durablePostgres(PG, options);
  await sql`select ${word}::text`;
  await sql`select ${word}::int`.catch(() => {});
  await sql.batch([sql`select ${word}::text`, sql`select ${word}::text`]);
  for await (const _ of sql`select ${word}::text from generate_series(1, 3)`.cursor(2));
  await new Response(await sql.unsafe(`copy (select '${word}') to stdout`).readable()).text();
  await sql.begin(async (tx) => tx`select ${word}::text`);
  expect(names(heard, "query")).toEqual(["SELECT", "!SELECT", "BATCH SELECT", "SELECT", "COPY", "SELECT", "COMMIT"]);
  expect(heard[0]).toMatchObject({
    operation: {
      attributes: { "db.system.name": "postgresql", "landline.pool.name": name, "db.query.text": "select $1::text" },
    },
    end: { attributes: { "db.response.returned_rows": 1 } },
  });
  expect(heard[1]?.end?.attributes).toEqual({ "db.response.status_code": "22P02" });
  expect(told(heard)).not.toContain(word);
  expect(told(heard)).not.toContain(services.postgres.users.scram.password);
  expect(heard[0]?.operation.details()).toMatchObject({ "db.query.parameter.0": word });
});

test("commands, pipelines, what blocks, and subscriptions", async () => {
  const word = `word-${crypto.randomUUID()}`;
  const { heard, options } = listening();
  await using kv = durableRedis(KV, options);
  await kv.set(word, word, "EX", 60);
  await kv.call("INCR", word).catch(() => {});
  await kv.pipeline().get(word).get(word).exec();
  await kv.multi().get(word).del(word).exec();
  await kv.blpop(word, 0.05);
  const subscription = kv.subscribe(word);
  await subscription.ready;
  await subscription.return?.();
  expect(names(heard, "command")).toEqual(["SET", "!INCR", "PIPELINE GET", "MULTI", "BLPOP", "SUBSCRIBE"]);
  const [set] = heard.filter(({ operation }) => operation.kind === "command");
  expect(set?.operation.attributes).toEqual({
    "db.system.name": "redis",
    "landline.pool.name": name,
    "db.operation.name": "SET",
  });
  expect(told(heard)).not.toContain(word);
  expect(told(heard)).not.toContain(services.redis.user.password);
});

test("messages", async () => {
  const word = `word-${crypto.randomUUID()}`;
  const { heard, options } = listening();
  const mail = durableSmtp(MAIL, options);
  const message = { from: `${word}@a.example`, to: `${word}@b.example`, subject: word, text: word };
  await mail.send(message);
  await mail.send({ ...message, to: `refused-${word}@b.example` }).catch(() => {});
  expect(names(heard, "send")).toEqual(["send", "!send"]);
  expect(heard[0]).toMatchObject({
    operation: {
      attributes: {
        "messaging.system": "smtp",
        "messaging.operation.name": "send",
        "landline.pool.name": name,
        "landline.smtp.recipients": 1,
      },
    },
    end: { attributes: { "landline.smtp.accepted": 1 } },
  });
  expect(heard[1]?.end?.attributes).toMatchObject({ "landline.smtp.code": 550 });
  expect(told(heard)).not.toContain(word);
});

test("an observer that is none is a TypeError", () => {
  const options = { observe: "nobody" as never };
  for (const make of [durablePostgres.bind(null, PG), durableRedis.bind(null, KV), durableSmtp.bind(null, MAIL)]) {
    expect(() => make(options)).toThrow(TypeError);
  }
});
