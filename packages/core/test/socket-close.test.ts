// close() of a socket, point by point after the WinterTC Sockets API.

import { expect, inject, test } from "vitest";
import { connect } from "../src/index.ts";
import type { Socket, SocketOptions } from "../src/index.ts";
import { utf8 } from "./collector.ts";
import { peer } from "./lab.ts";
import { outcome, point, theirs } from "./points.ts";

const peers = inject("peers");

async function open(port: number, options?: SocketOptions): Promise<Socket> {
  const socket = connect({ hostname: "localhost", port }, options);
  await socket.opened;
  return socket;
}

point("`close()`: `closed`", { spec: "resolves" }, async () => {
  const socket = await open(peers.echo);
  socket.close().catch(() => {});
  return outcome(socket.closed);
});

point("`close()` returns the promise that is `closed`", { spec: "yes", ...theirs("no") }, async () => {
  const socket = await open(peers.echo);
  const same = socket.close() === socket.closed;
  await socket.closed;
  return same ? "yes" : "no";
});

test("close() twice, and both settle", async () => {
  const socket = await open(peers.echo);
  expect(await Promise.all([socket.close(), socket.close()].map((closing) => outcome(closing)))).toEqual([
    "resolves",
    "resolves",
  ]);
  expect(await outcome(socket.closed)).toBe("resolves");
});

test("close() sends what was written before", async () => {
  const subject = await peer("silent");
  const socket = await open(subject.port);
  const writer = socket.writable.getWriter();
  for (let index = 0; index < 10; index++) writer.write(new Uint8Array(20_000)).catch(() => {});
  await socket.close();
  expect(await subject.seen("closed")).toMatchObject({ received: 200_000, ended: 1, reset: 0 });
});

point(
  "`close()` while a read waits: the read",
  { spec: "ends", workerd: "rejects: TypeError", "workerd-2026-08": "rejects: Error" },
  async () => {
    const socket = await open(peers.silent);
    const reading = socket.readable.getReader().read();
    const result = outcome(reading, ({ done }) => (done ? "ends" : "data"));
    await socket.close();
    return result;
  },
);

point("`close()`: a later read", { spec: "ends", ...theirs("rejects: TypeError") }, async () => {
  const socket = await open(peers.silent);
  const reader = socket.readable.getReader();
  await socket.close();
  return outcome(reader.read(), ({ done }) => (done ? "ends" : "data"));
});

point(
  "`close(reason)`: a later write",
  { spec: "rejects with the reason", ...theirs("rejects: TypeError") },
  async () => {
    const socket = await open(peers.silent);
    const writer = socket.writable.getWriter();
    await socket.close("the reason");
    const result = await outcome(writer.write(utf8("x")));
    return result.replace("rejects: the reason", "rejects with the reason");
  },
);

point(
  "`close()` after the peer's end has been read: `closed`",
  { spec: "resolves", workerd: "rejects: TypeError", "workerd-2026-08": "rejects: undefined" },
  async () => {
    const socket = await open(peers.closing);
    const reader = socket.readable.getReader();
    while (!(await reader.read()).done);
    socket.close().catch(() => {});
    return outcome(socket.closed);
  },
);

point(
  "`close()` with writes queued to a peer that does not read",
  { spec: "resolves", ...theirs("stays pending") },
  async () => {
    const socket = await open(peers.deaf);
    socket.writable
      .getWriter()
      .write(new Uint8Array(32_000_000))
      .catch(() => {});
    const closing = socket.close();
    closing.catch(() => {});
    // Ours gives the peer two seconds.
    return outcome(closing);
  },
);

/** `writable.abort()` of what such a peer does not read, and then `close()`. */
async function aborted(): Promise<{ socket: Socket; closing: Promise<void> }> {
  const socket = await open(peers.deaf);
  const writer = socket.writable.getWriter();
  writer.write(new Uint8Array(32_000_000)).catch(() => {});
  writer.closed.catch(() => {});
  writer.abort(new Error("enough")).catch(() => {});
  return { socket, closing: socket.close() };
}

point("`writable.abort()` first, then `close()`, to such a peer", { spec: "resolves" }, async () => {
  const { closing } = await aborted();
  return outcome(closing);
});

point("the same: `closed`", { spec: "resolves", ...theirs("rejects: Error") }, async () => {
  const { socket, closing } = await aborted();
  closing.catch(() => {});
  return outcome(socket.closed);
});
