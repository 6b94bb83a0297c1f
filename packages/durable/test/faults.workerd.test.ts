// What is injected here, and what has to hold all the same: every caller learns one outcome, nothing stays open, nothing is
// done twice, and the server never sees more connections than it was promised.

import { postgres } from "@landline/postgres";
import { abortAllDurableObjects } from "cloudflare:test";
import { expect, inject, test } from "vitest";
import { adminUrl, ask, backends, eventually, rowsOf, tabled } from "./asking.ts";
import type { Answered } from "./worker.ts";

const PID = "select pg_backend_pid() as pid";

/** An answer, or an error of ours that says what became of the work. */
function expectOutcome({ error }: Answered): void {
  if (error === undefined) return;
  expect(error).toMatchObject({
    landline: true,
    outcome: expect.stringMatching(/^(unsent|refused|unknown)$/) as string,
  });
}

async function expectNothingOpen(name: string): Promise<void> {
  const seen = await eventually(
    () => backends(name),
    (found) => found.every(({ state }) => state === "idle"),
  );
  expect(seen.filter(({ state }) => state !== "idle")).toEqual([]);
}

/** Transactions of one row each, while `trouble` is made; what they answer. */
async function underTrouble(name: string, table: string, trouble: () => Promise<unknown>): Promise<Answered[]> {
  const options = { max: 3, leaseIdleTimeout: 1_000 };
  const text = `insert into ${table} values (1)`;
  const asked = Array.from({ length: 24 }, () => ask(name, { act: "begin", text, times: 1, options }));
  let over = false;
  const answers = Promise.all(asked).finally(() => (over = true));
  for (let round = 0; !over && round < 50; round++) {
    await trouble();
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return answers;
}

test.each([
  ["fault_reset", (name: string) => ask(name, { act: "abortObject" })],
  ["fault_all_reset", () => abortAllDurableObjects()],
  [
    "fault_kills",
    async (name: string) => {
      await using admin = postgres(adminUrl);
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`;
    },
  ],
] as const)(
  "%s: each transaction is done once, or not at all, and its caller knows or is told to doubt",
  async (name, trouble) => {
    const table = await tabled(name);
    const answers = await underTrouble(name, table, () => trouble(name) as Promise<unknown>);
    for (const answer of answers) expectOutcome(answer);
    const done = answers.filter(({ error }) => error === undefined).length;
    const doubted = answers.filter(({ error }) => error?.["outcome"] === "unknown").length;
    const rows = (await rowsOf(table)).length;
    expect(rows).toBeGreaterThanOrEqual(done);
    expect(rows).toBeLessThanOrEqual(done + doubted);
    await expectNothingOpen(name);
    expect((await ask(name, { act: "query", text: PID, options: { max: 3 } })).error).toBeUndefined();
  },
);

test("the budget of all objects holds at every instant, while they restart again and again", async () => {
  const budget = { connections: 8, shards: 2 };
  let most = 0;
  let over = false;
  const watching = (async () => {
    await using admin = postgres(adminUrl);
    while (!over) {
      const [row] = await admin`select count(*)::int as n from pg_stat_activity where application_name = 'budget'`;
      most = Math.max(most, row?.["n"] as number);
    }
  })();
  for (let round = 0; round < 6; round++) {
    const asked = Array.from({ length: 12 }, () =>
      ask("budget", { act: "query", text: "select pg_sleep(0.03)::text", shards: 2, options: { budget } }),
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    if (round % 2 === 0) {
      await Promise.all([0, 1].map((shard) => ask(`budget/any/g1/${shard}`, { act: "abortObject" })));
    }
    for (const answer of await Promise.all(asked)) expectOutcome(answer);
  }
  over = true;
  await watching;
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(budget.connections);
});

test("overloaded twofold, the pool serves what it can, and refuses the rest before anything of it is sent", async () => {
  const table = await tabled("overload");
  const options = { max: 2, pool: { maxWaiting: 6 } };
  const text = `insert into ${table} select 1 from pg_sleep(0.1)`;
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask("overload", { act: "query", text, options })));
  const refused = answers.filter(({ error }) => error !== undefined);
  for (const { error } of refused) expect(error).toMatchObject({ name: "PoolError", outcome: "unsent" });
  expect(refused.length).toBeGreaterThan(0);
  expect(await rowsOf(table)).toHaveLength(answers.length - refused.length);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(options.pool.maxWaiting);
});

test("never more than four connections are being opened at once", async () => {
  const options = { max: 12 };
  const asked = Promise.all(
    Array.from({ length: 24 }, () => ask("dials", { act: "query", text: "select pg_sleep(0.05)::text", options })),
  );
  let most = 0;
  let over = false;
  void asked.finally(() => (over = true));
  while (!over) {
    const { value } = await ask("dials", { act: "stats", options });
    most = Math.max(most, (value as { creating?: number }).creating ?? 0);
    // Sockets are looked at only when nothing else is ready.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const { error } of await asked) expect(error).toBeUndefined();
  expect(most).toBeLessThanOrEqual(4);
});

test("a server that accepts and says nothing costs its caller the connect timeout, and nothing was sent", async () => {
  const { port } = inject("services").redis;
  const options = { url: `postgres://a:b@localhost:${port}/c`, tls: "off", connectTimeout: 300, max: 1 } as const;
  const { error } = await ask("hole", { act: "query", text: PID, options });
  expect(error).toMatchObject({ name: "TimeoutError", landline: true, outcome: "unsent" });
});

test("thirty at once after an outage all get a connection or a reason", async () => {
  await ask("herd", { act: "query", text: PID, options: { max: 4 } });
  await ask("herd", { act: "abortObject" });
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => ask("herd", { act: "query", text: PID, options: { max: 4 } })),
  );
  for (const answer of answers) expectOutcome(answer);
  expect((await backends("herd")).length).toBeLessThanOrEqual(4);
  expect(answers.filter(({ error }) => error === undefined).length).toBeGreaterThan(20);
});
