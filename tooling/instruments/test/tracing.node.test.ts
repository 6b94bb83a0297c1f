// What the clients' spans are in a real OpenTelemetry SDK: names, parents, errors, and nothing confidential unless asked for.

import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { openTelemetry, subscribe } from "@landline/core/tracing";
import type {} from "@landline/services/provided";
import { postgres } from "@landline/postgres";
import { redis } from "@landline/redis";
import { smtp } from "@landline/smtp";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";

const services = inject("services");
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer("test");

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  context.disable();
  await provider.shutdown();
});

const spans = (kind?: string): ReadableSpan[] =>
  exporter.getFinishedSpans().filter(({ name }) => kind === undefined || name === kind);

/** All that the spans say, as text. */
const told = (): string =>
  JSON.stringify(
    exporter.getFinishedSpans().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  );

/** One of everything, with a client each. */
async function useAll(options: { observe?: ReturnType<typeof openTelemetry> }): Promise<string> {
  const word = `word-${crypto.randomUUID()}`;
  await using sql = postgres({ url: services.postgres.url, ...options });
  await sql`select ${word}::text`;
  await sql`select ${word}::int`.catch(() => {});
  await using kv = redis(services.redis.tlsUrl, options);
  await kv.set(word, word, "EX", 10);
  await kv.call("INCR", word).catch(() => {});
  await using mail = smtp({ url: services.smtp.url, ...options });
  await mail.send({ from: "me@a.example", to: `${word}@b.example`, subject: word, text: word });
  return word;
}

describe("OpenTelemetry", () => {
  test("has a span for each connection, query, command and message, of the kind client, with its conventional names", async () => {
    await useAll({ observe: openTelemetry(tracer) });
    expect(
      spans()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(
      ["INCR", "SELECT landline", "SELECT landline", "SET", "connect", "connect", "connect", "send"].toSorted(),
    );
    expect(spans().every(({ kind }) => kind === SpanKind.CLIENT)).toBe(true);
    const [good, bad] = spans("SELECT landline");
    expect(good?.attributes).toEqual({
      "db.system.name": "postgresql",
      "db.namespace": "landline",
      "db.operation.name": "SELECT",
      "db.query.text": "select $1::text",
      "db.response.returned_rows": 1,
      "server.address": "localhost",
      "server.port": services.postgres.port,
    });
    expect(good?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(bad?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(bad?.attributes).toMatchObject({
      "error.type": "22P02",
      "db.response.status_code": "22P02",
      "landline.outcome": "refused",
    });
  });

  test("has them under the span in which the work began", async () => {
    const parent = tracer.startSpan("request");
    await using sql = postgres({ url: services.postgres.url, observe: openTelemetry(tracer) });
    await context.with(trace.setSpan(context.active(), parent), async () => {
      await Promise.all([sql`select 1`, sql`select 2`]);
    });
    parent.end();
    await sql`select 3`;
    const parents = spans("SELECT landline").map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(parents).toEqual([parent.spanContext().spanId, parent.spanContext().spanId, undefined]);
  });

  test("is told no secret, no parameter and no message of an error", async () => {
    const word = await useAll({ observe: openTelemetry(tracer) });
    const { postgres: pg, redis: kv, smtp: mail } = services;
    for (const secret of [word, pg.users.scram.password, kv.user.password, mail.user.password, "me@a.example"]) {
      expect(told()).not.toContain(secret);
    }
  });

  test("is told them when that is asked for, and still no password", async () => {
    const word = await useAll({ observe: openTelemetry(tracer, { details: true }) });
    const [good, bad] = spans("SELECT landline");
    expect(good?.attributes).toMatchObject({ "db.query.parameter.0": word });
    expect(bad?.status.message).toContain(word);
    expect(spans("SET")[0]?.attributes).toMatchObject({ "db.query.text": `SET ${word} ${word} EX 10` });
    expect(spans("send")[0]?.attributes).toMatchObject({ "landline.smtp.to": `${word}@b.example` });
    for (const { password } of [services.postgres.users.scram, services.redis.user, services.smtp.user]) {
      expect(told()).not.toContain(password);
    }
  });

  test("hears of clients that know nothing of it, by the tracing channels, until it stops", async () => {
    const stop = subscribe(openTelemetry(tracer));
    await useAll({});
    stop();
    const names = spans().map(({ name }) => name);
    expect(names).toHaveLength(8);
    await useAll({});
    expect(spans()).toHaveLength(8);
  });
});
