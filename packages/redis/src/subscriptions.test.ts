import { describe, expect, it } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import type { Script } from "../test/fake-server.ts";
import { Connection } from "./connection.ts";
import { Link } from "./link.ts";
import { BYTES_FORMAT } from "./protocol/messages.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Notice, Subscriber } from "./subscription.ts";

const FACTS = { protocol: 3, server: "fake", version: "1", id: 1 } as const;
const PATIENT = { timeout: 10_000, signal: undefined };
const INIT = { bytes: false, maxQueued: undefined, onNotice: undefined };
const push = (...words: readonly string[]): string =>
  `>${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
const confirm: Script = ([verb = "", ...names]) => names.map((name) => push(verb.toLowerCase(), name)).join("");
const hangUp: Script = (_words, server) => {
  server.close();
  return undefined;
};

function meet(scripts: readonly Script[]): { subscriptions: Subscriptions; servers: FakeServer[] } {
  const servers: FakeServer[] = [];
  const link: Link = new Link(async () => {
    const server = await FakeServer.start(scripts[Math.min(servers.length, scripts.length - 1)]);
    servers.push(server);
    return new Connection(server.client, FACTS, {
      pushFormat: BYTES_FORMAT,
      onPush: (items) => subscriptions.push(items),
      onLost: () => subscriptions.lost(link),
    });
  });
  const subscriptions = new Subscriptions(link, () => link);
  return { subscriptions, servers };
}

async function next(subscriber: Subscriber): Promise<Notice | undefined> {
  return (await subscriber.next()).value;
}

describe("Subscriptions", () => {
  it("drops what nobody listens to, and pushes of no known kind", async () => {
    const { subscriptions, servers } = meet([confirm]);
    const subscriber = subscriptions.add("subscribe", ["c"], INIT, PATIENT);
    await subscriber.ready;
    servers[0]!.send(push("message", "other", "no") + push("invalidate", "k") + push("subscribe", "c"));
    servers[0]!.send(">1\r\n_\r\n" + push("message", "c", "yes"));
    expect(await next(subscriber)).toEqual({ type: "message", channel: "c", message: "yes" });
  });

  it("goes on when the server takes the login and hangs up, and ends when it refuses", async () => {
    const { subscriptions, servers } = meet([confirm, hangUp, hangUp, confirm, () => "-NOPERM no\r\n"]);
    const subscriber = subscriptions.add("subscribe", ["c"], INIT, PATIENT);
    await subscriber.ready;
    servers[0]!.reset();
    expect(await next(subscriber)).toEqual({ type: "gap", reason: "reconnected", missed: undefined });
    expect(servers).toHaveLength(4);
    servers[3]!.reset();
    await expect(subscriber.next()).rejects.toMatchObject({ code: "NOPERM", command: "SUBSCRIBE" });
    expect((await subscriber.next()).done).toBe(true);
  });

  it("subscribes again when the server has moved a shard", async () => {
    const { subscriptions, servers } = meet([confirm]);
    const subscriber = subscriptions.add("ssubscribe", ["c"], INIT, PATIENT);
    await subscriber.ready;
    servers[0]!.send(push("sunsubscribe", "c"));
    expect(await next(subscriber)).toMatchObject({ type: "gap" });
    expect(servers[0]!.seen).toEqual(["SSUBSCRIBE c", "SSUBSCRIBE c"]);
  });

  it("ends the connection of a server that answers a subscription with a value", async () => {
    const { subscriptions, servers } = meet([() => "+OK\r\n"]);
    const subscriber = subscriptions.add("subscribe", ["c"], INIT, PATIENT);
    await expect(subscriber.next()).rejects.toMatchObject({ name: "ProtocolError" });
    expect(servers).toHaveLength(1);
  });

  it("stops trying when it ends", async () => {
    const { subscriptions, servers } = meet([confirm, hangUp]);
    const subscriber = subscriptions.add("subscribe", ["c"], INIT, PATIENT);
    await subscriber.ready;
    const waiting = subscriber.next();
    servers[0]!.reset();
    await subscriptions.end();
    expect((await waiting).done).toBe(true);
  });

  it("ends a subscription whose callback throws", async () => {
    const { subscriptions, servers } = meet([confirm]);
    const failure = new Error("mine");
    const onNotice = (): never => {
      throw failure;
    };
    const subscriber = subscriptions.add("subscribe", ["c"], { ...INIT, onNotice }, PATIENT);
    await subscriber.ready;
    servers[0]!.send(push("message", "c", "x"));
    await servers[0]!.commands(2);
    expect(servers[0]!.seen).toEqual(["SUBSCRIBE c", "UNSUBSCRIBE c"]);
    await expect(subscriber.next()).rejects.toBe(failure);
  });
});
