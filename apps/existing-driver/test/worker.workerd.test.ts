// The Worker, in workerd, against real Postgres and a proxy that terminates TLS.

import { env } from "cloudflare:workers";
import { afterEach, expect, inject, test, vi } from "vitest";
import worker from "../src/index.ts";
import type { Env, Report } from "../src/ways.ts";

const log = vi.spyOn(console, "error");
afterEach(() => log.mockReset());

function get(path: string, more: Partial<Env> = {}): Promise<Response> {
  const request = new Request(`http://worker.example${path}`) as Parameters<NonNullable<typeof worker.fetch>>[0];
  return Promise.resolve(worker.fetch!(request, { ...env, ...more }, {} as ExecutionContext));
}

test("reaches the database in three ways, and counts what each costs", async () => {
  const response = await get("/api");
  expect(response.status).toBe(200);
  const { reports } = (await response.json()) as { reports: Report[] };
  expect(reports.map(({ roundTrips, encrypted }) => [roundTrips, encrypted])).toEqual([
    [{ tcp: 1, tls: 0, protocol: 3 }, false],
    [{ tcp: 1, tls: 1, protocol: 4 }, true],
    [{ tcp: 1, tls: 1, protocol: 3 }, true],
  ]);
  for (const { answer, connectMs, queryMs } of reports) {
    expect(answer).toMatch(/^PostgreSQL 18/);
    expect(Math.min(connectMs, queryMs)).toBeGreaterThanOrEqual(0);
  }
  expect(log).not.toHaveBeenCalled();
});

test("shows them as a page", async () => {
  const response = await get("/");
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const html = await response.text();
  expect(html.match(/<tr><th scope="row">/g)).toHaveLength(3);
  expect(html).toContain("<b>6</b><small>TCP 1, TLS 1, driver and server 4</small>");
  expect(html).not.toContain(inject("services").postgres.users.scram.password);
});

test("a way that fails says so, and the others are shown", async () => {
  log.mockImplementation(() => {});
  const response = await get("/api", { DATABASE_TLS_URL: "postgres://user:hidden-word@localhost:1/postgres" });
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(text).not.toContain("hidden-word");
  const { reports } = JSON.parse(text) as { reports: Report[] };
  expect(reports.map(({ error }) => error !== undefined)).toEqual([false, false, true]);
  expect(log).toHaveBeenCalled();
});

test("without a proxy there are two ways", async () => {
  const { reports } = (await (await get("/api", { DATABASE_TLS_URL: "" })).json()) as { reports: Report[] };
  expect(reports).toHaveLength(2);
});

test("answers nothing else", async () => {
  expect((await get("/favicon.ico")).status).toBe(404);
});
