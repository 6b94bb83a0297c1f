// pg and postgres, not changed, over sockets into the pool object: to them it is a PgBouncer in transaction mode.

import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { backends, eventually, rowsOf, tabled, url } from "./asking.ts";
import type { DriverAsked } from "./driver-worker.ts";
import type { Answered, Asked } from "./worker.ts";

type Request = Omit<DriverAsked, "name" | "driver"> & { readonly options?: Asked["options"] };

/** One request of its own to the Worker, which uses `driver`. */
async function askBy(driver: DriverAsked["driver"], name: string, asked: Request): Promise<Answered> {
  const body = JSON.stringify({ ...asked, name, driver, options: { url, ...asked.options, applicationName: name } });
  const response = await exports.default.fetch("http://worker/driver", { method: "POST", body });
  return (await response.json()) as Answered;
}

describe.each(["pg", "postgres"] as const)("%s", (driver) => {
  const nameOf = (what: string): string => `${driver}-${what}`;
  const ask = (what: string, asked: Request): Promise<Answered> => askBy(driver, nameOf(what), asked);

  test("queries with parameters, prepared and not, of several requests at once, on two backends", async () => {
    const asked = Array.from({ length: 6 }, () => ask("queries", { act: "queries", times: 20, options: { max: 2 } }));
    for (const { value, error } of await Promise.all(asked)) {
      expect(error).toBeUndefined();
      expect([1, 2]).toContain(value);
    }
    expect((await backends(nameOf("queries"))).length).toBeLessThanOrEqual(2);
  });

  test("transactions of two Workers at once, on one backend", async () => {
    const table = await tabled(`${driver}_transactions`);
    const text = `insert into ${table} values ($1)`;
    const asked = [1, 2].map(() => ask("transactions", { act: "transactions", text, options: { max: 1 } }));
    expect(await Promise.all(asked)).toEqual([{ value: "done" }, { value: "done" }]);
    expect(await rowsOf(table)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test("what fails fails alike each time, and leaves the backend as it was for others", async () => {
    const good = { value: { codes: ["42703", "42703", "22012", "25P02"], after: [{ n: 1 }] } };
    expect(await ask("errors", { act: "errors", options: { max: 1 } })).toEqual(good);
    expect(await ask("errors", { act: "errors", options: { max: 1 } })).toEqual(good);
  });

  test("a cancellation stops the query that it is meant for, with several objects, too", async () => {
    const good = { value: { code: "57014", after: [{ n: 1 }] } };
    for (const shards of [1, 4]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask(`cancel-${shards}`, { act: "cancel", shards, options: { max: 2 } })).toEqual(good);
    }
  });

  test("who leaves in the midst of a transaction is rolled back", async () => {
    const table = await tabled(`${driver}_leave`);
    const text = `insert into ${table} values ($1)`;
    const options = { max: 1, leaseIdleTimeout: 500 };
    expect(await ask("leave", { act: "leave", text, options })).toEqual({ value: "left" });
    await eventually(
      () => backends(nameOf("leave")),
      (seen) => seen.every(({ state }) => state === "idle"),
    );
    expect(await ask("leave", { act: "query", text: "select 1 as n", options })).toEqual({ value: [{ n: 1 }] });
    expect(await rowsOf(table)).toEqual([]);
  });

  test("settings of one are not found by the next", async () => {
    const options = { max: 1 };
    await ask("settings", { act: "query", text: "set search_path to nowhere", options });
    const { value } = await ask("settings", { act: "query", text: "show search_path", options });
    expect(value).toEqual([{ search_path: expect.not.stringContaining("nowhere") as string }]);
  });

  test("statements beyond what a backend keeps are closed at the server, and made again", async () => {
    const options = { max: 1, maxStatements: 5 };
    expect(await ask("many", { act: "many", times: 30, options })).toEqual({ value: [{ n: 0 }] });
    const { value } = await ask("many", {
      act: "query",
      text: "select count(*)::int as n from pg_prepared_statements",
      options,
    });
    expect((value as { n: number }[])[0]?.n).toBeLessThanOrEqual(6);
    // And where none is kept at all.
    expect(await ask("none", { act: "many", times: 3, options: { max: 1, maxStatements: 0 } })).toEqual({
      value: [{ n: 0 }],
    });
  });

  test("LISTEN is refused by name", async () => {
    const { error } = await ask("listen", { act: "query", text: "listen jobs", options: { max: 1 } });
    expect(error).toMatchObject({ code: "0A000", message: expect.stringContaining("LISTEN") as string });
  });

  test("what the start-up packet sets is what the backends have, or is refused by name", async () => {
    const options = { max: 1 };
    const show = { act: "query", text: "select 1 as n", options } as const;
    expect(await ask("parameters", { ...show, parameters: { application_name: "mine" } })).toEqual({
      value: [{ n: 1 }],
    });
    const { error } = await ask("parameters", { ...show, parameters: { statement_timeout: "50" } });
    expect(error).toMatchObject({ code: "08P01", message: expect.stringContaining("statement_timeout") as string });
  });

  test("a pool that is full says so", async () => {
    const options = { max: 1, pool: { acquireTimeout: 300 } };
    const busy = ask("full", { act: "query", text: "select pg_sleep(2)::text", options });
    await eventually(
      () => backends(nameOf("full")),
      (seen) => seen.some(({ query }) => query.includes("pg_sleep")),
    );
    const { error } = await ask("full", { act: "query", text: "select 1", options });
    expect(error).toMatchObject({ code: "53300" });
    expect((await busy).error).toBeUndefined();
  });
});

test("COPY of postgres goes through, both ways, and the backend comes back", async () => {
  const table = await tabled("driver_copy");
  const options = { max: 1 };
  expect(await askBy("postgres", "copy", { act: "copy", text: table, times: 2_000, options })).toEqual({
    value: 2_000,
  });
  expect(await askBy("postgres", "copy", { act: "query", text: "select 1 as n", options })).toEqual({
    value: [{ n: 1 }],
  });
});
