// The pool object against a real server, in workerd: separate requests, one object.

import { postgres } from "@landline/postgres";
import { expect, test } from "vitest";
import { adminUrl, aPid, ask, backends, database, eventually, PID, rowsOf, tabled, url } from "./asking.ts";

test("a second request dials nothing: it meets the same backend", async () => {
  const first = await ask("warm", { act: "query", text: PID });
  expect(first).toEqual({ value: [{ pid: aPid }] });
  for (let index = 0; index < 5; index++) expect(await ask("warm", { act: "query", text: PID })).toEqual(first);
  expect(await backends("warm")).toHaveLength(1);
});

test("values go and come as with any client", async () => {
  const text = "select $1::int + 1 as n, $2::text as t, null as nothing, '2026-01-02'::date::text as d";
  expect(await ask("values", { act: "query", text, values: [41, "ünï"] })).toEqual({
    value: [{ n: 42, t: "ünï", nothing: null, d: "2026-01-02" }],
  });
});

test("many requests at once share max connections, and each gets its own answer", async () => {
  const asked = Array.from({ length: 40 }, (_, index) =>
    ask("many", {
      act: "query",
      text: "select $1::int as n, pg_sleep(0.02)::text as s",
      values: [index],
      options: { max: 3 },
    }),
  );
  const seen: number[] = [];
  const answers = Promise.all(asked);
  let done = false;
  void answers.finally(() => (done = true));
  while (!done) seen.push((await backends("many")).length);
  expect((await answers).map(({ value }) => (value as { n: number }[])[0]?.n)).toEqual(asked.map((_, index) => index));
  expect(Math.max(...seen)).toBeLessThanOrEqual(3);
  expect(await backends("many")).toHaveLength(3);
});

test("queries of one tick run at the same time, each on a backend of its own", async () => {
  const { value } = await ask("tick", {
    act: "query",
    text: "select pg_backend_pid() as pid, pg_sleep(0.2)::text",
    times: 3,
  });
  expect(new Set((value as { pid: number }[][]).map(([row]) => row?.pid)).size).toBe(3);
});

test("what the server says no to crosses with its class and all its fields", async () => {
  const { error } = await ask("refused", { act: "query", text: "select 1 +\n nowhere" });
  expect(error).toMatchObject({
    kind: "PostgresError",
    landline: true,
    name: "PostgresError",
    code: "42703",
    outcome: "refused",
    severity: "ERROR",
    message: 'column "nowhere" does not exist',
    position: 13,
    routine: "errorMissingColumn",
  });
  expect(await ask("refused", { act: "query", text: "select 1 as n" })).toEqual({ value: [{ n: 1 }] });
});

test("a login that fails crosses with its class, and no password", async () => {
  const refused = await ask("login", { act: "query", text: PID, options: { password: "wrong-hidden" } });
  expect(refused.error).toMatchObject({ kind: "PostgresError", code: "28P01", severity: "FATAL", outcome: "refused" });
  expect(JSON.stringify(refused)).not.toContain("hidden");
});

test("a server that is not there is a ConnectError, and unsent", async () => {
  const options = { url: `postgres://a:hidden@localhost:1/${database}`, tls: "off" } as const;
  const { error } = await ask("nowhere", { act: "query", text: PID, options });
  expect(error).toMatchObject({ name: "ConnectError", outcome: "unsent", landline: true });
  expect(JSON.stringify(error)).not.toContain("hidden");
});

test("options that are not right are an error that says which, once a query is made", async () => {
  const lifetime = await ask("options", { act: "query", text: PID, options: { pool: { maxLifetime: 3_600_000 } } });
  expect(lifetime.error).toMatchObject({ code: "POOL_OBJECT_FAILED", outcome: "unsent" });
  expect(lifetime.error?.["message"]).toContain("pool.maxLifetime");
});

test("the options, which hold the credentials, cannot be asked for over RPC", async () => {
  const { error, value } = await ask("pry", { act: "pry" });
  expect(value).toBeUndefined();
  expect(error?.["landline"]).toBe(false);
  expect(JSON.stringify(error)).not.toContain(new URL(url).password);
});

test("a connection that is killed under a query is a typed error, and the next request works", async () => {
  const running = ask("killed", { act: "query", text: "select pg_sleep(30)" });
  const [backend] = await eventually(
    () => backends("killed"),
    ([found]) => found?.query.includes("pg_sleep") === true,
  );
  await using admin = postgres(adminUrl);
  await admin`select pg_terminate_backend(${backend!.pid})`;
  expect((await running).error).toMatchObject({
    kind: "PostgresError",
    code: "57P01",
    severity: "FATAL",
    outcome: "unknown",
  });
  const { value } = await ask("killed", { act: "query", text: PID });
  expect((value as { pid: number }[])[0]?.pid).not.toBe(backend!.pid);
});

test("a connection that is killed while it is idle is not lent any more", async () => {
  const first = await ask("idle", { act: "query", text: PID });
  const [{ pid }] = first.value as [{ pid: number }];
  await using admin = postgres(adminUrl);
  await admin`select pg_terminate_backend(${pid})`;
  await eventually(
    () => backends("idle"),
    (found) => found.length === 0,
  );
  const again = await ask("idle", { act: "query", text: PID });
  expect(again).toEqual({ value: [{ pid: aPid }] });
  expect(again).not.toEqual(first);
});

test("an aborted query tells its caller the reason, stops at the server, and leaves the connection in use", async () => {
  const first = await ask("aborted", { act: "query", text: PID });
  expect(await ask("aborted", { act: "abort", text: "select pg_sleep(30)" })).toEqual({ value: { same: true } });
  await eventually(
    () => backends("aborted"),
    ([found]) => found?.state === "idle",
  );
  expect(await ask("aborted", { act: "query", text: PID })).toEqual(first);
});

test("a query that takes too long is a TimeoutError at once, and its connection serves the next", async () => {
  // One connection, so that the next query has to wait until the cancelled one is over.
  const first = await ask("late", { act: "query", text: PID, options: { max: 1 } });
  const { error } = await ask("late", { act: "query", text: "select pg_sleep(30)", timeout: 150 });
  expect(error).toMatchObject({ name: "TimeoutError", code: "TIMEOUT", outcome: "unknown" });
  expect(await ask("late", { act: "query", text: PID })).toEqual(first);
});

test("the object ends by itself a query that its caller would wait for", async () => {
  const { error } = await ask("bounded", { act: "query", text: "select pg_sleep(30)", options: { runTimeout: 200 } });
  expect(error).toMatchObject({ name: "TimeoutError", outcome: "unknown" });
  expect(error?.["message"]).toContain("200 ms");
  const seen = await eventually(
    () => backends("bounded"),
    ([found]) => found?.state !== "active",
  );
  expect(seen).not.toContainEqual(expect.objectContaining({ state: "active" }));
});

test("when no connection comes free, the caller is told so, and nothing was sent", async () => {
  const options = { max: 1, pool: { acquireTimeout: 100 } };
  const running = ask("full", { act: "query", text: "select pg_sleep(1)::text", options });
  await eventually(
    () => backends("full"),
    ([found]) => found?.state === "active",
  );
  expect((await ask("full", { act: "query", text: PID, options })).error).toMatchObject({
    name: "PoolError",
    code: "POOL_TIMEOUT",
    outcome: "unsent",
  });
  expect((await running).error).toBeUndefined();
});

test("a transaction that is begun outside of begin() is rolled back and refused by name", async () => {
  const table = await tabled("outside");
  const { error } = await ask("outside", { act: "query", text: `begin; insert into ${table} values (1)` });
  expect(error).toMatchObject({ kind: "DurableError", code: "TRANSACTION_OUTSIDE_BEGIN" });
  expect(error?.["message"]).toContain("sql.begin()");
  expect(await ask("outside", { act: "query", text: "select 1 as n" })).toEqual({ value: [{ n: 1 }] });
  expect(await rowsOf(table)).toEqual([]);
  const open = await eventually(
    () => backends("outside"),
    (found) => found.length === 1,
  );
  expect(open.map(({ state }) => state)).toEqual(["idle"]);
});

test("what a query leaves in the session, the next one does not find", async () => {
  const options = { max: 1 };
  const first = await ask("traces", { act: "query", text: PID, options });
  await ask("traces", { act: "query", text: "set search_path = nowhere", options });
  await ask("traces", { act: "query", text: "create temp table left_behind (n int)", options });
  const text = "select current_setting('search_path') as path, to_regclass('left_behind')::text as table";
  expect(await ask("traces", { act: "query", text, options })).toEqual({
    value: [{ path: '"$user", public', table: null }],
  });
  expect(await ask("traces", { act: "query", text: PID, options })).toEqual(first);
});

test.each([
  ["copy", "copy (select 1) to stdout", "COPY_UNSUPPORTED"],
  ["copyin", "copy durable_copyin from stdin", "POOL_UNSUPPORTED"],
  ["listen", "listen news", "POOL_UNSUPPORTED"],
])("%s is refused by name, and the next query works", async (name, text, code) => {
  await tabled("copyin");
  expect((await ask(name, { act: "query", text })).error).toMatchObject({ code, landline: true });
  expect(await ask(name, { act: "query", text: "select 1 as n" })).toEqual({ value: [{ n: 1 }] });
});

test("a reply of a megabyte comes whole; one over the limit is refused by name", async () => {
  const text = "select repeat('x', 100000) as x from generate_series(1, 11)";
  const { value } = await ask("large", { act: "query", text });
  expect((value as { x: string }[]).map(({ x }) => x.length)).toEqual(Array.from({ length: 11 }, () => 100_000));
  expect((await ask("limited", { act: "query", text, options: { maxReplyBytes: 1_000_000 } })).error).toMatchObject({
    kind: "DurableError",
    code: "REPLY_TOO_LARGE",
    outcome: "unknown",
  });
});

test("an object that is reset under a query is a typed error, and the next request works", async () => {
  const { error } = await ask("reset", { act: "reset", text: "select pg_sleep(30)" });
  expect(error).toMatchObject({ name: "ClosedError", code: "CONNECTION_LOST", outcome: "unknown" });
  expect(await ask("reset", { act: "query", text: PID })).toEqual({ value: [{ pid: aPid }] });
});

test("a transaction runs on one backend and is committed", async () => {
  const table = await tabled("committed");
  const { value } = await ask("committed", { act: "begin", text: `insert into ${table} values (1)`, times: 3 });
  expect(new Set(value as number[]).size).toBe(1);
  expect(await rowsOf(table)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
  expect(await ask("committed", { act: "query", text: PID })).toEqual({ value: [{ pid: (value as number[])[0] }] });
});

test("transactions of many requests do not meet", async () => {
  const table = await tabled("apart");
  const answers = await Promise.all(
    Array.from({ length: 12 }, () =>
      ask("apart", { act: "begin", text: `insert into ${table} values (1)`, times: 3, options: { max: 3 } }),
    ),
  );
  for (const { value } of answers) expect(new Set(value as number[]).size).toBe(1);
  expect(await rowsOf(table)).toHaveLength(36);
  expect((await backends("apart")).length).toBeLessThanOrEqual(3);
});

test("a throw rolls back, and its own error comes out", async () => {
  const table = await tabled("thrown");
  const { error } = await ask("thrown", { act: "rollback", text: `insert into ${table} values (1)` });
  expect(error).toMatchObject({ message: "changed my mind" });
  expect(await rowsOf(table)).toEqual([]);
});

test("a caller that goes away in the middle of a transaction leaves nothing open", async () => {
  const table = await tabled("deserted");
  const options = { max: 1, leaseIdleTimeout: 1_000 };
  const { error } = await ask("deserted", { act: "desert", text: `insert into ${table} values (1)`, options });
  expect(error).toBeUndefined();
  const seen = await eventually(
    () => backends("deserted"),
    (found) => found.every(({ state }) => state === "idle"),
  );
  expect(seen.map(({ state }) => state)).not.toContain("idle in transaction");
  expect(await rowsOf(table)).toEqual([]);
  expect(await ask("deserted", { act: "query", text: "select 1 as n", options })).toEqual({ value: [{ n: 1 }] });
});

test("a transaction that falls silent is rolled back, and told so when it goes on", async () => {
  const table = await tabled("silent");
  const options = { max: 1, leaseIdleTimeout: 200 };
  const { error } = await ask("silent", {
    act: "dawdle",
    text: `insert into ${table} values (1)`,
    timeout: 600,
    options,
  });
  expect(error).toMatchObject({ kind: "DurableError", code: "LEASE_EXPIRED", outcome: "unsent" });
  expect(await rowsOf(table)).toEqual([]);
});

test("a transaction has a longest life, whatever it does", async () => {
  const options = { max: 1, leaseTimeout: 300 };
  const { error } = await ask("lived", { act: "begin", text: "select pg_sleep(0.1)::text", times: 20, options });
  expect(error).toMatchObject({ kind: "DurableError", code: "LEASE_EXPIRED" });
  expect(await ask("lived", { act: "query", text: "select 1 as n", options })).toEqual({ value: [{ n: 1 }] });
});

test("a reservation keeps one backend and its settings, which the next borrower does not find", async () => {
  const options = { max: 1 };
  const { value } = await ask("reserved", { act: "reserve", options });
  expect(value).toEqual({ name: "set aside", pid: aPid });
  const text = "select current_setting('application_name') as name, pg_backend_pid() as pid";
  const after = await ask("reserved", { act: "query", text, options });
  expect(after).toEqual({ value: [{ name: "reserved", pid: (value as { pid: number }).pid }] });
});

test("one request opens one session with the object, however many queries and transactions it has", async () => {
  expect(await ask("sessions", { act: "sessions", text: PID, times: 5 })).toEqual({ value: 1 });
  expect(await ask("sessions", { act: "sessions", text: PID, times: 5 })).toEqual({ value: 1 });
});

test("an aborted transaction is rolled back, and its connection is used again", async () => {
  const table = await tabled("abandoned");
  const options = { max: 1 };
  const first = await ask("abandoned", { act: "query", text: PID, options });
  expect(await ask("abandoned", { act: "abortBegin", text: `insert into ${table} values (1)`, options })).toEqual({
    value: { same: true },
  });
  expect(await rowsOf(table)).toEqual([]);
  expect(await ask("abandoned", { act: "query", text: PID, options })).toEqual(first);
});

test("idle connections are closed, so that the object can hibernate", async () => {
  await ask("asleep", { act: "query", text: PID, options: { pool: { idleTimeout: 200 } } });
  expect(
    await eventually(
      () => backends("asleep"),
      (found) => found.length === 0,
    ),
  ).toEqual([]);
});
