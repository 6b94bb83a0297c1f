// Batches, cursors, COPY, LISTEN, prepared statements and shards through the pool object, against a real server.

import { postgres } from "@landline/postgres";
import { expect, test } from "vitest";
import { adminUrl, ask, backends, eventually, PID, rowsOf, tabled } from "./asking.ts";

test("a batch is one transaction", async () => {
  const table = await tabled("batch");
  const insert = `insert into ${table} values (1)`;
  const good = await ask("batch", {
    act: "batch",
    values: [insert, insert, `select count(*)::int as n from ${table}`],
  });
  expect(good.value).toMatchObject([[], [], [{ n: 2 }]]);
  const bad = await ask("batch", { act: "batch", values: [insert, "select 1/0"] });
  expect(bad.error).toMatchObject({ kind: "PostgresError", code: "22012", outcome: "refused" });
  expect(await rowsOf(table)).toHaveLength(2);
});

test("a cursor reads in batches, and leaves nothing open when it is left", async () => {
  const text = "select $1::int, n from generate_series(1, 250) n";
  expect(await ask("cursor", { act: "cursor", text })).toEqual({ value: [100, 100, 50] });
  expect(await ask("cursor", { act: "cursor", text, times: 1 })).toEqual({ value: [100] });
  const seen = await eventually(
    () => backends("cursor"),
    (found) => found.every(({ state }) => state === "idle"),
  );
  expect(seen.map(({ state }) => state)).toEqual(["idle"]);
});

test("COPY TO STDOUT comes as a stream, beyond any limit of replies", async () => {
  const text = "copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout";
  const options = { max: 1, maxReplyBytes: 100_000 };
  const first = await ask("out", { act: "query", text: PID, options });
  expect(await ask("out", { act: "copyOut", text, options })).toEqual({
    value: { bytes: 20_020_000, head: "xxxxxxxx" },
  });
  expect(await ask("out", { act: "query", text: PID, options })).toEqual(first);
});

test("a reader that stops reading stops the server, and one that leaves gives the connection back", async () => {
  const text = "copy (select repeat('x', 1000) from generate_series(1, 2000000)) to stdout";
  const options = { max: 1 };
  const first = await ask("slow", { act: "query", text: PID, options });
  const reading = ask("slow", { act: "copyOut", text, times: 2, timeout: 500, options });
  const waits = await eventually(
    async () => {
      await using admin = postgres(adminUrl);
      return await admin<{ event: string }>`
        select wait_event as event from pg_stat_activity where application_name = 'slow' and wait_event = 'ClientWrite'`;
    },
    (found) => found.length > 0,
  );
  expect([...waits]).toEqual([{ event: "ClientWrite" }]);
  expect((await reading).error).toBeUndefined();
  expect(await ask("slow", { act: "query", text: PID, options })).toEqual(first);
});

test("a reader that has gone silent is rolled back by the object", async () => {
  const text = "copy (select repeat('x', 1000) from generate_series(1, 2000000)) to stdout";
  const options = { max: 1, leaseIdleTimeout: 300 };
  const reading = ask("stalled", { act: "copyOut", text, times: 1, timeout: 3_000, options });
  await eventually(
    () => backends("stalled"),
    ([found]) => found?.query.startsWith("copy") === true,
  );
  const answered = await ask("stalled", { act: "query", text: "select 1 as n", options });
  expect(answered).toEqual({ value: [{ n: 1 }] });
  await reading;
});

test("COPY FROM STDIN goes through, and is refused and given up as with any connection", async () => {
  const table = await tabled("in");
  const text = `copy ${table} from stdin`;
  const options = { max: 1 };
  expect(await ask("in", { act: "copyIn", text, times: 5_000, options })).toEqual({ value: "done" });
  expect(await rowsOf(table)).toHaveLength(5_000);
  const wrong = await ask("in", { act: "copyIn", text, values: ["no number\n"], options });
  expect(wrong.error).toMatchObject({ kind: "PostgresError", code: "22P02", outcome: "refused" });
  expect(await ask("in", { act: "copyIn", text, times: 3, values: ["abort"], options })).toEqual({ value: "aborted" });
  expect(await rowsOf(table)).toHaveLength(5_000);
  const found = await backends("in");
  expect(found).toHaveLength(1);
});

test("many Workers listen by one connection, and each hears its own channel", async () => {
  const listening = ["news", "news", "other"].map((text) => ask("ears", { act: "listen", text, times: 2 }));
  await eventually(
    () => backends("ears"),
    (found) => found.length === 1 && found[0]?.state === "idle",
  );
  let over = false;
  const all = Promise.all(listening).finally(() => (over = true));
  await using admin = postgres(adminUrl);
  while (!over) {
    await admin.unsafe("notify news, 'n'; notify other, 'ö'");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await all).toEqual([{ value: ["n", "n"] }, { value: ["n", "n"] }, { value: ["ö", "ö"] }]);
  expect((await backends("ears")).length).toBeLessThanOrEqual(1);
});

test("a connection that listens and is lost is a gap to those who hear by it", async () => {
  const listening = ask("gap", { act: "listen", text: "gap", times: 1 });
  const [found] = await eventually(
    () => backends("gap"),
    ([seen]) => seen?.query.startsWith("listen") === true,
  );
  await using admin = postgres(adminUrl);
  await admin`select pg_terminate_backend(${found!.pid})`;
  expect(await listening).toEqual({ value: ["reconnected"] });
});

test("a pool of one connection says that it has none for listening", async () => {
  const { error } = await ask("deaf", { act: "listen", text: "deaf", options: { max: 1 } });
  expect(error).toMatchObject({ kind: "DurableError", code: "POOL_UNSUPPORTED", outcome: "unsent" });
});

test("what is asked again is prepared once on each connection, and made anew when the table changes", async () => {
  const table = await tabled("prepared");
  const options = { max: 1 };
  const text = `select *, $1::int as given from ${table}`;
  for (let given = 0; given < 3; given++)
    expect(await ask("prepared", { act: "query", text, values: [given], options })).toEqual({ value: [] });
  const known = "select count(*)::int as n from pg_prepared_statements where name like 'pool%' and statement = $1";
  expect(await ask("prepared", { act: "query", text: known, values: [text], options })).toEqual({ value: [{ n: 1 }] });
  await using admin = postgres(adminUrl);
  await admin.unsafe(`alter table ${table} add column t text default 'new'; insert into ${table} values (1)`);
  expect(await ask("prepared", { act: "query", text, values: [7], options })).toEqual({
    value: [{ n: 1, t: "new", given: 7 }],
  });
});

test("what somebody else has deallocated is prepared again", async () => {
  const options = { max: 1 };
  const text = "select $1::int as n";
  await ask("deallocated", { act: "query", text, values: [1], options });
  await ask("deallocated", { act: "query", text: "deallocate all", options });
  expect(await ask("deallocated", { act: "query", text, values: [2], options })).toEqual({ value: [{ n: 2 }] });
});

test("no more statements are kept than said", async () => {
  const options = { max: 1, maxStatements: 3 };
  for (let index = 0; index < 8; index++)
    await ask("bounded-statements", { act: "query", text: `select $1::int as n${index}`, values: [1], options });
  const text = "select count(*)::int as n from pg_prepared_statements";
  const { value } = await ask("bounded-statements", { act: "query", text, options });
  expect((value as { n: number }[])[0]?.n).toBeLessThanOrEqual(4);
});

test("several objects are one pool", async () => {
  const asked = Array.from({ length: 30 }, () =>
    ask("shards", { act: "query", text: "select pg_sleep(0.05)::text", shards: 3, options: { max: 2 } }),
  );
  let most = 0;
  let done = false;
  const answers = Promise.all(asked).finally(() => (done = true));
  while (!done) most = Math.max(most, (await backends("shards")).length);
  for (const { error } of await answers) expect(error).toBeUndefined();
  expect(most).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(6);
});
