// What a client tells when its peer does not behave: nobody answers, or hangs up, or says no to TLS. The peers are sockets.

import { createServer, type AddressInfo, type Socket } from "node:net";
import type { ClientConfig } from "../../src/pg/index.ts";
import { heard, outcome, type Case } from "./cases.ts";

const READY = [
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), // AuthenticationOk
  Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 2]), // BackendKeyData
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]), // ReadyForQuery
];

/** Runs with a peer that does `serve` with each connection. */
async function withPeer(
  serve: (socket: Socket) => void,
  work: (config: ClientConfig) => Promise<unknown>,
): Promise<unknown> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    return await work({ host: "127.0.0.1", port, user: "u", password: "p", database: "d", ssl: false });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** Answers the first message with a session, and the second with `next`. */
function session(next: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", () => {
      socket.write(Buffer.concat(READY));
      socket.once("data", () => next(socket));
    });
  };
}

export const peerCases: Readonly<Record<string, Case>> = {
  "nobody answers: connectionTimeoutMillis": ({ pg }) =>
    withPeer(
      () => {},
      async (config) => {
        const client = new pg.Client({ ...config, connectionTimeoutMillis: 60 });
        const told = await outcome(client.connect());
        const pool = new pg.Pool({ ...config, connectionTimeoutMillis: 60 });
        const lent = await outcome(pool.connect());
        const counts = [pool.totalCount, pool.idleCount, pool.waitingCount];
        await pool.end();
        return [told, lent, counts];
      },
    ),
  "it hangs up at once": ({ pg }) =>
    withPeer(
      (socket) => socket.end(),
      async (config) => {
        const client = new pg.Client(config);
        const told = await outcome(client.connect());
        const pool = new pg.Pool(config);
        const lent = await outcome(pool.query("select 1"));
        await pool.end();
        return [told, lent];
      },
    ),
  "it hangs up under a query, and under one that waits": ({ pg }) =>
    withPeer(
      session((socket) => socket.end()),
      async (config) => {
        const client = new pg.Client(config);
        const events: unknown[] = [];
        client.on("error", (error: Error) => events.push(error.message));
        const ended = heard(client, "end");
        await client.connect();
        const answers = [outcome(client.query("select 1")), outcome(client.query("select 2"))];
        await ended;
        return [await Promise.all(answers), events, await outcome(client.query("select 3"))];
      },
    ),
  "it is gone while nobody asks": ({ pg }) =>
    withPeer(
      (socket) => {
        socket.once("data", () => {
          socket.write(Buffer.concat(READY));
          setTimeout(() => socket.end(), 20);
        });
      },
      async (config) => {
        const client = new pg.Client(config);
        const events: unknown[] = [];
        client.on("error", (error: Error) => events.push(error.message));
        const ended = heard(client, "end");
        await client.connect();
        await ended;
        return [events, await outcome(client.end())];
      },
    ),
  "it has no TLS": ({ pg }) =>
    withPeer(
      (socket) => socket.once("data", () => socket.write("N")),
      async (config) => outcome(new pg.Client({ ...config, ssl: true }).connect()),
    ),
  "it answers the request for TLS with something else": ({ pg }) =>
    withPeer(
      (socket) => socket.once("data", () => socket.write("X")),
      async (config) =>
        ((await outcome(new pg.Client({ ...config, ssl: true }).connect())) as { message: string }).message.length > 0,
    ),
  "no answer to a query: query_timeout, and the pool that has it": ({ pg }) =>
    withPeer(
      session(() => {}),
      async (config) => {
        const client = new pg.Client({ ...config, query_timeout: 40 });
        await client.connect();
        client.on("error", () => {});
        const told = await outcome(client.query("select 1"));
        client.connection.stream.destroy();
        const pool = new pg.Pool({ ...config, query_timeout: 40 });
        pool.on("error", () => {});
        const lent = await outcome(pool.query("select 1"));
        const counts = [pool.totalCount, pool.idleCount];
        return [told, lent, counts];
      },
    ),
};
