// Three ways to the same database with the pg driver, which is not changed: only its `stream` is ours.

import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocket } from "@landline/core/node-socket";
import { Client } from "pg";

/** The bindings of this Worker. */
export interface Env {
  readonly DATABASE_URL: string;
  /** May be empty: then the third way is not shown. */
  readonly DATABASE_TLS_URL?: string;
}

/** A way, what it cost, and what came of it. */
export interface Report {
  readonly way: string;
  /** What the driver is told. */
  readonly code: string;
  /** To and fro until the driver was ready: TCP, TLS, and what driver and server said to each other. */
  readonly roundTrips: { readonly tcp: number; readonly tls: number; readonly protocol: number };
  readonly connectMs: number;
  readonly queryMs: number;
  /** Whether the Worker's connection is encrypted. */
  readonly encrypted: boolean;
  readonly answer?: string;
  readonly error?: string;
}

interface Way {
  readonly way: string;
  readonly code: string;
  readonly url: string;
  readonly ssl: boolean;
  readonly tls?: "off" | "on";
}

/** Tries each way, one after the other, so that none waits for another's connection. */
export async function tryAll({ DATABASE_URL, DATABASE_TLS_URL }: Env): Promise<Report[]> {
  const ways: Way[] = [
    {
      way: "In the clear",
      code: `new Client({ connectionString, stream: () => nodeSocket({ tls: "off" }) })`,
      url: DATABASE_URL,
      ssl: false,
      tls: "off",
    },
    {
      way: "Upgraded to TLS by the driver",
      code: "new Client({ connectionString, ssl: true, stream: () => nodeSocket() })",
      url: DATABASE_URL,
      ssl: true,
    },
  ];
  if (DATABASE_TLS_URL !== undefined && DATABASE_TLS_URL !== "") {
    ways.push({
      way: "TLS from the first byte, by the socket",
      code: `new Client({ connectionString, stream: () => nodeSocket({ tls: "on" }) })`,
      url: DATABASE_TLS_URL,
      ssl: false,
      tls: "on",
    });
  }
  const reports: Report[] = [];
  for (const way of ways) reports.push(await tryOne(way));
  return reports;
}

async function tryOne({ way, code, url, ssl, tls }: Way): Promise<Report> {
  const socket = nodeSocket(tls === undefined ? {} : { tls });
  const turns = countTurns(socket);
  const client = new Client({ connectionString: url, ssl, stream: () => socket });
  // A connection that is lost while nothing runs is told here, and to nobody else.
  client.on("error", (error) => console.error(error));
  const start = Date.now();
  let connected = start;
  let protocol = 0;
  const report = (): Omit<Report, "answer" | "error"> => ({
    way,
    code,
    // The runtime does TLS 1.3, in one round trip, where a Worker cannot count it.
    roundTrips: { tcp: 1, tls: socket.encrypted ? 1 : 0, protocol },
    connectMs: connected - start,
    queryMs: Date.now() - connected,
    encrypted: socket.encrypted,
  });
  try {
    await client.connect();
    protocol = turns();
    connected = Date.now();
    const { rows } = await client.query<{ version: string }>("select version() as version");
    return { ...report(), answer: rows[0]?.version ?? "" };
  } catch (error) {
    console.error(error);
    return { ...report(), error: "The connection failed; the log says why." };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Counts how often something came back after something was sent. */
function countTurns(socket: NodeSocket): () => number {
  let turns = 0;
  let sent = 0;
  socket.on("data", () => {
    if (socket.bytesWritten > sent) turns++;
    sent = socket.bytesWritten;
  });
  return () => turns;
}
