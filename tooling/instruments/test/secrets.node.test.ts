// That nothing confidential is in what clients tell, whatever they do and however it fails: every span of a real OpenTelemetry
// SDK, and every message of the tracing channels, is searched for words that were in all parameters, bodies and passwords.

import { inspect } from "node:util";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Operation } from "@landline/core";
import { openTelemetry, subscribe } from "@landline/core/tracing";
import type {} from "@landline/services/provided";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { everything, TOLD } from "./spans/everything.ts";

const { postgres, redis, smtp } = inject("services");
const urls = { postgres: postgres.url, redis: redis.tlsUrl, smtp: smtp.url };
const passwords = [postgres.users.scram.password, redis.user.password, smtp.user.password];
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer("test");

beforeEach(() => exporter.reset());
afterAll(() => provider.shutdown());

const words = (): { word: string; secret: string } => ({
  word: `word-${crypto.randomUUID()}`,
  secret: `secret-${crypto.randomUUID()}`,
});
/** The spans, as somebody who has them could read them. */
const told = (spans: readonly ReadableSpan[]): string =>
  JSON.stringify(spans.map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]));

test("each operation is told, and that it failed where it did", async () => {
  await everything({ urls, observe: openTelemetry(tracer), ...words() });
  const counts: Record<string, number> = {};
  for (const { name, attributes } of exporter.getFinishedSpans()) {
    const key = `${"error.type" in attributes ? "!" : ""}${name}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(counts).toEqual(TOLD);
});

test("no span has a parameter, a body or a password", async () => {
  const { word, secret } = words();
  await everything({ urls, observe: openTelemetry(tracer), word, secret });
  const text = told(exporter.getFinishedSpans());
  for (const hidden of [word, word.replaceAll("-", "_"), secret, ...passwords]) expect(text).not.toContain(hidden);
  // Nor a word that a text begins with, or part of it in upper case.
  expect(text.toLowerCase()).not.toContain(word.slice(0, 13));
});

test("asked for details, spans have parameters, and still no password", async () => {
  const { word, secret } = words();
  await everything({ urls, observe: openTelemetry(tracer, { details: true }), word, secret });
  const text = told(exporter.getFinishedSpans());
  expect(text).toContain(word);
  for (const hidden of [secret, ...passwords]) expect(text).not.toContain(hidden);
});

test("nor has what is published to the tracing channels, as far as it can be enumerated", async () => {
  const { word, secret } = words();
  const published: Operation[] = [];
  const stop = subscribe((operation) => void published.push(operation));
  await everything({ urls, word, secret });
  stop();
  expect(published.length).toBeGreaterThan(50);
  const text = JSON.stringify(structuredClone(published)) + inspect(published, { depth: 10 });
  for (const hidden of [word, secret, ...passwords]) expect(text).not.toContain(hidden);
});
