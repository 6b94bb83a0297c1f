// LISTEN and NOTIFY against a real server: what is sent is heard, what could be missing is said, and the connection that
// listens is there as long as somebody does.

import type {} from "@landline/services/provided";
import { ConnectError } from "@landline/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { postgres, type Gap, type Notification, type Subscription } from "../src/index.ts";

const { postgres: server } = inject("services");
const admin = postgres(server.adminUrl);
const name = `listen-${crypto.randomUUID().slice(0, 8)}`;
const sql = postgres({ url: server.url, applicationName: name });

beforeAll(() => admin`select 1`);
afterAll(() => Promise.all([sql.end(), admin.end()]));

/** Backends of this client that do nothing but listen. A LISTEN that still runs hears nothing yet. */
async function listening(): Promise<number[]> {
  const rows = await admin<{ pid: number }>`
    select pid from pg_stat_activity where application_name = ${name} and state = 'idle' and query ilike '%listen "%'`;
  return rows.map(({ pid }) => pid);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}

async function nextOf(events: AsyncIterator<Notification | Gap, void>): Promise<Notification | Gap> {
  const { value } = await events.next();
  if (value === undefined) throw new Error("the loop has ended");
  return value;
}

describe("as an async iterable", () => {
  test.each(["jobs", 'with "quotes" and spaces', "Grüße.🚲", "select"])("channel %s", async (plain) => {
    const channel = `${plain} ${name}`;
    const events = sql.listen(channel);
    const first = nextOf(events);
    await until(async () => (await listening()).length === 1);
    await sql.notify(channel, "one");
    expect(await first).toMatchObject({ gap: false, channel, payload: "one" });
    await sql.begin((tx) => tx.notify(channel, "two"));
    await sql.notify(channel);
    expect(await nextOf(events)).toMatchObject({ payload: "two" });
    expect(await nextOf(events)).toMatchObject({ payload: "" });
    const longest = `${"ä".repeat(3_999)}x`;
    await sql.notify(channel, longest);
    expect(await nextOf(events)).toMatchObject({ payload: longest });
    await expect(sql.notify(channel, `${longest}x`)).rejects.toMatchObject({ code: "22023", outcome: "refused" });
    await events.return();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await until(async () => (await listening()).length === 0);
  });

  test("ready says when nothing can be missed any more", async () => {
    const events = sql.listen(`ready ${name}`);
    await events.ready();
    await sql.notify(`ready ${name}`, "heard");
    await events.ready();
    expect(await nextOf(events)).toMatchObject({ payload: "heard" });
    await events.return();
    await events.ready();
    const controller = new AbortController();
    const given = sql.listen("a", { signal: controller.signal });
    const ready = given.ready();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(ready).rejects.toBe(reason);
    await expect(sql.listen("a", { signal: controller.signal }).ready()).rejects.toBe(reason);
    const never = sql.listen("a");
    await never.return();
    await expect(never.ready()).rejects.toMatchObject({ code: "CLOSED" });
    await using nobody = postgres("postgres://app@localhost:1/app");
    await expect(nobody.listen("a").ready()).rejects.toBeInstanceOf(ConnectError);
    await until(async () => (await listening()).length === 0);
  });

  test("its end, a signal's abort and the client's end all end a loop that waits", async () => {
    const ended = sql.listen("a");
    const waiting = ended.next();
    await ended.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const controller = new AbortController();
    const aborted = sql.listen("a", { signal: controller.signal }).next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const client = postgres(server.url);
    const last = client.listen("a").next();
    await client.end();
    const [{ status, value }] = (await Promise.allSettled([last])) as [{ status: string; value?: { done?: boolean } }];
    expect(status === "rejected" || value?.done === true).toBe(true);
  });

  test("a loop that is too slow loses some, and is told", async () => {
    const events = sql.listen("slow", { maxQueue: 2 });
    await events.ready();
    const first = nextOf(events);
    await sql`select pg_notify('slow', n::text) from generate_series(1, 10) n`;
    const other = await sql.listen("fence", () => {});
    await first;
    const seen = [await nextOf(events), await nextOf(events), await nextOf(events)];
    expect(seen.map((event) => (event.gap ? event.reason : event.payload))).toEqual(["2", "3", "overflow"]);
    await other.unlisten();
    await events.return();
  });

  test("a channel that cannot be one is a TypeError", () => {
    for (const channel of ["", "a\0b", "x".repeat(64), 7 as unknown as string]) {
      expect(() => sql.listen(channel)).toThrow(TypeError);
      expect(() => sql.notify(channel)).toThrow(TypeError);
    }
  });
});

describe("with a callback", () => {
  test("several channels share one connection, which the last one closes", async () => {
    const heard: string[] = [];
    let wake = (): void => {};
    const both = new Promise<void>((resolve) => (wake = resolve));
    const listen = (channel: string): Promise<Subscription> =>
      sql.listen(channel, (payload) => {
        heard.push(`${channel} ${payload}`);
        if (heard.length === 2) wake();
      });
    const subscriptions = await Promise.all([listen("a"), listen("b")]);
    expect((await listening()).length).toBe(1);
    await sql.notify("a", "1");
    await sql.notify("b", "2");
    await sql.notify("c", "3");
    await both;
    expect(heard).toEqual(["a 1", "b 2"]);
    for (const subscription of subscriptions) await subscription.unlisten();
    await until(async () => (await listening()).length === 0);
  });

  test("a connection that is lost is made again, and the gap is told", async () => {
    let starts = 0;
    let again = (): void => {};
    const restarted = new Promise<void>((resolve) => (again = resolve));
    let hear = (_payload: string): void => {};
    const heard = new Promise<string>((resolve) => (hear = resolve));
    await using _one = await sql.listen(
      "lost",
      (payload) => hear(payload),
      () => ++starts === 2 && again(),
    );
    const events = sql.listen("lost");
    const gap = nextOf(events);
    await sql.listen("fence", () => {}).then((fence) => fence.unlisten());
    const [pid] = await listening();
    await admin`select pg_terminate_backend(${pid}::int4, 5000)`;
    await restarted;
    expect(await gap).toEqual({ gap: true, channel: "lost", reason: "reconnected" });
    await sql.notify("lost", "after");
    expect(await heard).toBe("after");
    await events.return();
  });

  test("what cannot begin rejects", async () => {
    const ended = postgres(server.url);
    await ended.end();
    await expect(ended.listen("a", () => {})).rejects.toMatchObject({ code: "CLOSED", outcome: "unsent" });
    await using pooled = postgres({ url: server.url, pooling: "transaction" });
    const unsupported = { code: "LISTEN_UNSUPPORTED", outcome: "unsent" };
    await expect(pooled.listen("a", () => {})).rejects.toMatchObject(unsupported);
    await expect(pooled.listen("a").next()).rejects.toMatchObject(unsupported);
    await using wrong = postgres({ url: server.url, password: "wrong" });
    await expect(wrong.listen("a", () => {})).rejects.toMatchObject({ code: "28P01" });
  });
});
