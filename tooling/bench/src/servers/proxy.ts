// A TCP proxy in a process of its own, between a client and the servers: holds everything for a while in each direction,
// and counts. It changes no bytes. Told by IPC: { delayMs, upstream: [ports] }, then "count" as often as one likes.

import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** Set-up of a proxy process. */
export interface ProxySetup {
  /** For each direction. */
  readonly delayMs: number;
  readonly upstream: readonly number[];
}

/** What it has seen since it was asked last. */
export interface ProxyCounts {
  /** Times that a client had to wait for an answer before it went on: round trips. Of connections opened since. */
  readonly roundTrips: number;
  /** Pieces in which the clients' bytes arrived: one for each write, as long as writes are apart. */
  readonly writes: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

const zero = (): { -readonly [K in keyof ProxyCounts]: number } => ({
  roundTrips: 0,
  writes: 0,
  bytesSent: 0,
  bytesReceived: 0,
});
let counts = zero();

process.on("disconnect", () => process.exit());
process.on("message", (message: ProxySetup | "count") => {
  if (message === "count") {
    process.send?.(counts);
    counts = zero();
  } else void listen(message);
});

async function listen({ delayMs, upstream }: ProxySetup): Promise<void> {
  const ports: Record<string, number> = {};
  for (const port of upstream) {
    const server = createServer({ noDelay: true }, (client) => carry(client, port, delayMs));
    ports[port] = await listening(server);
  }
  process.send?.(ports);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function carry(client: Socket, port: number, delayMs: number): void {
  const opened = counts;
  let answered = false;
  const server = later(delayMs, () => connect({ host: "127.0.0.1", port, noDelay: true }));
  let up: Socket | undefined;
  const waiting: Uint8Array[] = [];
  server((socket) => {
    up = socket;
    for (const chunk of waiting) socket.write(chunk);
    // The end of the line: a delivery to the client lets it go on, and what it then sends is one more round trip.
    delayed(socket, delayMs, (chunk) => {
      counts.bytesReceived += chunk.length;
      answered = true;
      client.write(chunk);
    });
    socket.on("close", () => later(delayMs, () => client.destroy())(() => {}));
    socket.on("error", () => client.destroy());
  });
  let first = true;
  client.on("data", (chunk: Uint8Array) => {
    // A server that speaks first has made the client wait already.
    if (first && answered) opened.roundTrips++;
    if (first || answered) opened.roundTrips++;
    first = answered = false;
    counts.writes++;
    counts.bytesSent += chunk.length;
  });
  delayed(client, delayMs, (chunk) => void (up === undefined ? waiting.push(chunk) : up.write(chunk)));
  client.on("close", () => later(delayMs, () => up?.destroy())(() => {}));
  client.on("error", () => up?.destroy());
}

/** Hands chunks on in their order, each `delayMs` after it came. */
function delayed(socket: Socket, delayMs: number, deliver: (chunk: Uint8Array) => void): void {
  socket.on("data", (chunk: Uint8Array) => later(delayMs, () => chunk)(deliver));
}

function later<T>(delayMs: number, make: () => T): (then: (made: T) => void) => void {
  return (then) => void (delayMs === 0 ? then(make()) : setTimeout(() => then(make()), delayMs));
}
