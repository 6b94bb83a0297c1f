// What holds whatever happens, each by itself and against the real server: isolation, ends of what is forgotten, counts of
// connections, memory, and rest.

import { postgres } from "@landline/postgres";
import { expect, inject, test } from "vitest";
import { adminUrl, ask, backends, eventually, PID, rowsOf, tabled, url } from "./asking.ts";

const server = inject("services").postgres;
/** Numbers that are the same each time (a linear congruence, modulo 2^31). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

async function timersOf(name: string): Promise<unknown> {
  return (await ask(name, { act: "timers" })).value;
}

async function statsOf(name: string): Promise<Record<string, number>> {
  return (await ask(name, { act: "stats" })).value as Record<string, number>;
}

test("statements of a transaction are all on one backend and in one transaction, and nobody else's are among them", async () => {
  await using admin = postgres(adminUrl);
  await admin.unsafe(
    "drop table if exists durable_isolation; create table durable_isolation (who int, pid int, xid text); grant all on durable_isolation to public",
  );
  const random = seeded(7);
  const insert = (who: number): string =>
    `insert into durable_isolation values (${who}, pg_backend_pid(), pg_current_xact_id()::text)`;
  const sizes = Array.from({ length: 30 }, () => 1 + Math.floor(random() * 6));
  const alone = Array.from({ length: 30 }, (_, at) => 100 + at);
  await Promise.all([
    ...sizes.map((times, who) => ask("isolation", { act: "begin", text: insert(who), times, options: { max: 4 } })),
    ...alone.map((who) => ask("isolation", { act: "query", text: insert(who), options: { max: 4 } })),
  ]);
  const rows = await admin`
    select who, count(*)::int as rows, count(distinct pid)::int as pids, count(distinct xid)::int as xids
    from durable_isolation group by who order by who`;
  expect([...rows]).toEqual(
    [...sizes.map((size, who) => [who, size]), ...alone.map((who) => [who, 1])].map(([who, size]) => ({
      who,
      rows: size,
      pids: 1,
      xids: 1,
    })),
  );
  const [shared] = await admin`
    select count(*)::int as n from (select xid from durable_isolation group by xid having count(distinct who) > 1) as s`;
  expect(shared).toEqual({ n: 0 });
});

test.each([
  ["its caller is gone", "desert"],
  ["its caller says nothing more", "dawdle"],
  ["its caller aborts it", "abortBegin"],
  ["an unmodified driver leaves it", "wiredLeave"],
] as const)("a transaction is rolled back when %s, and the connection serves the next", async (_why, act) => {
  const name = `rolled-${act}`;
  const table = await tabled(`rolled_${act.toLowerCase()}`);
  const options = { max: 1, leaseIdleTimeout: 300 };
  await ask(name, { act, text: `insert into ${table} values (1)`, timeout: 900, options });
  const after = await eventually(
    () => backends(name),
    (found) => found.every(({ state }) => state === "idle"),
  );
  expect(after.map(({ state }) => state)).toEqual(after.map(() => "idle"));
  expect(await rowsOf(table)).toEqual([]);
  expect(await ask(name, { act: "query", text: "select 1 as n", options })).toEqual({ value: [{ n: 1 }] });
  if (act === "dawdle" || act === "wiredLeave") return;
  expect((await statsOf(name))["leased"]).toBe(0);
});

test("no more connections are in the making than the platform lets through, and through its gate all get one", async () => {
  const options = { url: server.url, max: 16, pool: { maxCreating: 4 } };
  const asked = Array.from({ length: 40 }, () =>
    ask("gate", { act: "query", text: "select pg_sleep(0.05)::text", peril: "gate", options }),
  );
  for (const { error } of await Promise.all(asked)) expect(error).toBeUndefined();
  const { value } = await ask("gate", { act: "seen" });
  const { mostDialling, beyondGate } = value as Record<string, number>;
  expect(mostDialling).toBeGreaterThan(0);
  expect(mostDialling).toBeLessThanOrEqual(4);
  expect(beyondGate).toBe(0);
});

test("a server that has no connections left is asked for fewer, and who waits gets those that there are", async () => {
  const role = `few_${Math.floor(Date.now() % 1e9)}`;
  await using admin = postgres(adminUrl);
  await admin.unsafe(`create role ${role} login password 'few' connection limit 2`);
  try {
    const limited = new URL(url);
    limited.username = role;
    limited.password = "few";
    // All of them may wait: what overload does is another matter.
    const options = { url: limited.href, max: 6, pool: { overloadTarget: 60_000 } };
    // One is there; then many want more than there can be.
    expect((await ask("few", { act: "query", text: PID, options })).error).toBeUndefined();
    const asked = Array.from({ length: 20 }, () =>
      ask("few", { act: "query", text: "select pg_sleep(0.1)::text", options }),
    );
    for (const { error } of await Promise.all(asked)) expect(error).toBeUndefined();
    expect((await backends("few")).length).toBeLessThanOrEqual(2);
    const { refusedDials = 0, leased } = await statsOf("few");
    expect(refusedDials).toBeGreaterThan(0);
    expect(leased).toBe(0);
    // Far fewer attempts than callers: they are not made again for each of these.
    expect(refusedDials).toBeLessThan(20);
  } finally {
    await ask("few", { act: "abortObject" });
    await eventually(
      () => backends("few"),
      (found) => found.length === 0,
    );
    await admin.unsafe(`drop role ${role}`);
  }
});

test("a database that goes away and comes back: each caller learns an outcome, and then it works again", async () => {
  const database = `durable_gone_${Math.floor(Date.now() % 1e9)}`;
  await using admin = postgres({ url: adminUrl, max: 1 });
  await admin.unsafe(`create database ${database}`);
  const away = new URL(url);
  away.pathname = `/${database}`;
  const options = { url: away.href, max: 3, pool: { backoffMax: 200 } };
  try {
    expect((await ask("away", { act: "query", text: PID, options })).error).toBeUndefined();
    const asked = Array.from({ length: 12 }, () =>
      ask("away", { act: "query", text: "select pg_sleep(0.2)::text", options }),
    );
    await eventually(
      () => backends("away"),
      (found) => found.some(({ state }) => state === "active"),
    );
    await admin.unsafe(`alter database ${database} with allow_connections false`);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'away'`;
    const answers = await Promise.all(asked);
    const failed = answers.filter(({ error }) => error !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    for (const { error } of failed)
      expect(error).toMatchObject({
        landline: true,
        outcome: expect.stringMatching(/^(unsent|refused|unknown)$/) as string,
      });
    await admin.unsafe(`alter database ${database} with allow_connections true`);
    const again = await eventually(
      () => ask("away", { act: "query", text: "select 1 as n", options }),
      ({ error }) => error === undefined,
    );
    expect(again).toEqual({ value: [{ n: 1 }] });
  } finally {
    await ask("away", { act: "abortObject" });
    await admin.unsafe(`drop database ${database} with (force)`);
  }
});

test("a connection that falls silent under a query costs its caller the limit of the pool, and is never used again", async () => {
  const hole = new URL(url);
  hole.searchParams.set("sslmode", "disable");
  const options = { url: hole.href, max: 1, runTimeout: 400, cancelTimeout: 300 };
  const asked = { act: "query", text: PID, peril: "hole", options } as const;
  const first = await ask("silent", asked);
  expect(first.error).toBeUndefined();
  await ask("silent", { act: "deafen" });
  const { error } = await ask("silent", asked);
  expect(error).toMatchObject({ name: "TimeoutError", outcome: "unknown" });
  await ask("silent", { act: "deafen", times: 0 });
  const again = await eventually(
    () => ask("silent", asked),
    (answer) => answer.error === undefined,
  );
  expect(again.error).toBeUndefined();
  expect(again.value).not.toEqual(first.value);
  expect((await statsOf("silent"))["destroyed"]).toBeGreaterThan(0);
});

test("after the last use, no socket is open and no timer armed", async () => {
  const options = { pool: { idleTimeout: 200 }, max: 3 };
  const asked = [
    ...Array.from({ length: 9 }, () => ask("rest", { act: "query", text: PID, options })),
    ask("rest", { act: "begin", text: "select 1", times: 2, options }),
    ask("rest", { act: "copyOut", text: "copy (select generate_series(1, 100)) to stdout", options }),
    ask("rest", { act: "wired", text: "select 1", times: 2, options }),
  ];
  for (const { error } of await Promise.all(asked)) expect(error).toBeUndefined();
  expect(await timersOf("rest")).toBeGreaterThan(0);
  expect(
    await eventually(
      () => backends("rest"),
      (found) => found.length === 0,
    ),
  ).toEqual([]);
  expect(await statsOf("rest")).toMatchObject({ idle: 0, leased: 0, waiting: 0, creating: 0, drivers: 0 });
  expect(
    await eventually(
      () => timersOf("rest"),
      (armed) => armed === 0,
    ),
  ).toBe(0);
});
