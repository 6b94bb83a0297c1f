// How many round trips it takes to the first answer, counted by a proxy that lets the server's words wait: what a client
// sends before it has heard them is one flight.

import type {} from "@landline/services/provided";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { postgres, type Sql } from "../src/index.ts";

const { postgres: server } = inject("services");
/** Milliseconds that the server's words wait: longer than a client needs for what it sends by itself. */
const DELAY = 40;
const sockets = new Set<Socket>();
let proxy: Server;
let flights = 0;
let connections = 0;

beforeAll(async () => {
  proxy = createServer((client) => {
    const upstream = connect(server.port, "127.0.0.1");
    let heard = true;
    connections++;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk) => {
      if (heard) flights++;
      heard = false;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      setTimeout(() => {
        heard = true;
        client.write(chunk);
      }, DELAY);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => setTimeout(() => client.end(), DELAY));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
  flights = 0;
  connections = 0;
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

function through(role: keyof typeof server.users, options: object): Sql {
  const { username: user, password } = server.users[role];
  const { port } = proxy.address() as AddressInfo;
  return postgres({ host: server.hostname, port, database: server.database, user, password, ...options });
}

/** What a fresh connection and one query cost. */
async function cost(sql: Sql): Promise<{ flights: number; connections: number }> {
  expect(await sql`select ${"x"} as x`).toEqual([{ x: "x" }]);
  const counted = { flights, connections };
  await sql.end();
  return counted;
}

test("in clear, where that is allowed, login and first query take two", async () => {
  expect(await cost(through("scram", { tls: "off", eagerLogin: true }))).toEqual({ flights: 2, connections: 1 });
  flights = 0;
  connections = 0;
  expect(await cost(through("scram", { tls: "off" }))).toEqual({ flights: 4, connections: 1 });
});

test("over verified TLS they are two less, without being asked for", async () => {
  const { flights: eager } = await cost(through("scram", {}));
  flights = 0;
  const { flights: plain } = await cost(through("scram", { eagerLogin: false }));
  expect(plain - eager).toBe(2);
});

test.each(["trust", "md5", "password"] as const)(
  "a server that wants %s costs a connection more, once",
  async (role) => {
    const options = { tls: "off", eagerLogin: true, allowPasswordInTheClear: true };
    expect(await cost(through(role, options))).toMatchObject({ connections: 2 });
    connections = 0;
    expect(await cost(through(role, options))).toMatchObject({ connections: 1 });
  },
);

test("twenty new statements at once, on one connection, go in one flight", async () => {
  const sql = through("scram", { tls: "off" });
  const one = await sql.reserve();
  await one`select 1`;
  flights = 0;
  await Promise.all(Array.from({ length: 20 }, (_, index) => one.unsafe(`select ${index}, $1::int`, [index])));
  expect(flights).toBe(1);
  one.release();
  await sql.end();
});

test("a login that the server refuses is the first query's error, and nothing is carried out", async () => {
  const sql = through("scram", { tls: "off", eagerLogin: true, password: "wrong" });
  for (const query of [sql`select 1`, sql`select 2`]) {
    await expect(query).rejects.toMatchObject({ code: "28P01", outcome: "refused" });
  }
  await sql.end();
});
