// What is known to go wrong with drivers in Workers alone, and what comes of it over nodeSocket(): a client that is kept from
// request to request, and more connections than the platform lets be in the making at once.

import { exports } from "cloudflare:workers";
import { connect } from "@landline/core";
import type { Connector } from "@landline/core";
import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocketOptions } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import pg from "pg";
import { describe, expect, inject, test } from "vitest";
import { unanswered } from "./unanswered.ts";

const { hostname: host, port, database, users } = inject("services").postgres;
const { username: user, password } = users.scram;

const pgClient = (options: NodeSocketOptions): pg.Client =>
  new pg.Client({ host, port, database, user, password, stream: () => nodeSocket(options) });

interface Answer {
  readonly pid?: number;
  readonly error?: { readonly message: string };
}

/** One request, to a driver of its own or to the one that the module keeps. */
async function ask(driver: string, keep: boolean): Promise<Answer> {
  const response = await exports.default.fetch(`http://worker.example/${driver}${keep ? "?keep" : ""}`);
  return (await response.json()) as Answer;
}

describe("a client at module scope hangs, or cannot perform I/O on behalf of a different request", () => {
  const FOREIGN = {
    code: "ECONNRESET",
    message: "this connection is another request's",
    cause: { name: "ClosedError", code: "FOREIGN_REQUEST", outcome: "unsent" },
  };

  test("here the second request is told so at once, by a connection that is lost", async () => {
    expect(await ask("client", true)).toEqual({ pid: expect.any(Number) as number });
    expect(await ask("client", true)).toMatchObject({ error: FOREIGN });
    const { error } = await ask("client", true);
    expect(error?.message).toBe("Client has encountered a connection error and is not queryable");
  });

  test.each(["pool", "postgres"])("here %s is told so too, and then connects anew", async (driver) => {
    const first = await ask(driver, true);
    expect(first).toEqual({ pid: expect.any(Number) as number });
    expect(await ask(driver, true)).toMatchObject({ error: FOREIGN });
    const third = await ask(driver, true);
    expect(third).toEqual({ pid: expect.any(Number) as number });
    expect(third.pid).not.toBe(first.pid);
  });

  test.each(["client", "pool", "postgres"])("a %s that is made in each request works in each", async (driver) => {
    const answers = [await ask(driver, false), await ask(driver, false), await ask(driver, false)];
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
    const many = await Promise.all(Array.from({ length: 8 }, () => ask(driver, false)));
    expect(many).toEqual(Array.from({ length: 8 }, () => ({ pid: expect.any(Number) as number })));
  });
});

describe("a seventh connection of one request deadlocks, or is cancelled", () => {
  test("here four are in the making at a time, the others wait their turn, and all twelve are open at once", async () => {
    let now = 0;
    let most = 0;
    const counting: Connector = (address, options) => {
      most = Math.max(most, ++now);
      const socket = connect(address, options);
      void socket.opened.then(() => now--);
      return socket;
    };
    const clients = Array.from({ length: 12 }, () => pgClient({ connect: counting }));
    await Promise.all(clients.map((client) => client.connect()));
    const results = await Promise.all(
      clients.map((client) => client.query<{ pid: number }>("select pg_backend_pid() as pid")),
    );
    expect(new Set(results.map(({ rows }) => rows[0]?.pid)).size).toBe(12);
    expect(most).toBe(4);
    await Promise.all(clients.map((client) => client.end()));
  });

  test("here one behind four that are never answered has its own deadline, and the next has its turn after them", async () => {
    const stuck = Array.from({ length: 4 }, () => pgClient({ connect: unanswered, connectTimeout: 300 }));
    const dialling = Promise.allSettled(stuck.map((client) => client.connect()));
    await expect(pgClient({ connectTimeout: 50 }).connect()).rejects.toMatchObject({
      code: "ETIMEDOUT",
      message: expect.stringContaining("waiting for other connections") as string,
      cause: { code: "TIMEOUT", outcome: "unsent" },
    });
    const patient = pgClient({ connectTimeout: 10_000 });
    await patient.connect();
    expect((await patient.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await patient.end();
    expect((await dialling).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "rejected"]);
  });
});
