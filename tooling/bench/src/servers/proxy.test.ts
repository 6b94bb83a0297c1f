import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";

import { afterEach, expect, test } from "vitest";
import { startServer } from "./process.ts";
import type { ProxyCounts } from "./proxy.ts";

let server: Server | undefined;
afterEach(() => server?.close());

test("the proxy counts a round trip for each time that a client waits, and a greeting as one", async () => {
  server = createServer((socket) => {
    socket.write("hello");
    socket.on("data", (chunk) => socket.write(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using proxy = await startServer<Record<string, number>>("./proxy.ts", { delayMs: 1, upstream: [port] });
  const client = connect({ host: "127.0.0.1", port: proxy.ready[port] ?? 0 });
  await once(client, "data");
  for (const text of ["one", "two"]) {
    client.write(text);
    await once(client, "data");
  }
  const counts = await proxy.ask<ProxyCounts>("count");
  client.destroy();
  expect(counts).toEqual({ roundTrips: 3, writes: 2, bytesSent: 6, bytesReceived: 11 });
});
