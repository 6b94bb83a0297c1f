// A socket's streams, and the two ways in which it ends, point by point after the WinterTC Sockets API.

import { expect, inject, test } from "vitest";
import { connect } from "../src/index.ts";
import type { Socket, SocketOptions } from "../src/index.ts";
import { text, utf8 } from "./collector.ts";
import { peer } from "./lab.ts";
import { attempt, ours, outcome, point, theirs } from "./points.ts";

const peers = inject("peers");
const at = (port: number, options?: SocketOptions): Socket => connect({ hostname: "localhost", port }, options);
const ended = ({ done }: { done: boolean }): string => (done ? "ends" : "data");

/** Says a word, which makes most peers do what they do, and reads to the end. */
async function readToEnd(socket: Socket): Promise<void> {
  socket.writable
    .getWriter()
    .write(utf8("x"))
    .catch(() => {});
  const reader = socket.readable.getReader();
  while (!(await reader.read()).done);
}

test("what is written comes back", async () => {
  const socket = at(peers.echo);
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader();
  for (const word of ["one", "two", "three"]) {
    await writer.write(utf8(word));
    expect(text((await reader.read()).value)).toBe(word);
  }
  await socket.close();
});

test("`writable` takes bytes in every form, and strings", async () => {
  const socket = at(peers.echo);
  const writer = socket.writable.getWriter() as unknown as WritableStreamDefaultWriter<unknown>;
  const reader = socket.readable.getReader({ mode: "byob" });
  const bytes = utf8("abcd");
  const forms: [unknown, string][] = [
    [bytes, "abcd"],
    [bytes.subarray(1), "bcd"],
    [bytes.buffer, "abcd"],
    [new DataView(bytes.buffer, 2), "cd"],
    ["text", "text"],
  ];
  for (const [chunk, expected] of forms) {
    await writer.write(chunk);
    let back = "";
    while (back.length < expected.length) back += text((await reader.read(new Uint8Array(100))).value);
    expect(back).toBe(expected);
  }
  await socket.close();
});

point("what is neither bytes nor text: a write", { spec: "rejects: TypeError" }, async () => {
  const socket = at(peers.echo);
  await socket.opened;
  const writer = socket.writable.getWriter() as unknown as WritableStreamDefaultWriter<unknown>;
  const result = await outcome(writer.write({ no: "bytes" }));
  socket.close().catch(() => {});
  return result;
});

point("`undefined`: a write", { spec: "rejects: TypeError", ...theirs("resolves") }, async () => {
  const socket = at(peers.echo);
  await socket.opened;
  const writer = socket.writable.getWriter() as unknown as WritableStreamDefaultWriter<unknown>;
  const result = await outcome(writer.write(undefined));
  socket.close().catch(() => {});
  return result;
});

point("a second read while one waits", { spec: "waits too", ...theirs("rejects: TypeError") }, async () => {
  const socket = at(peers.echo);
  const reader = socket.readable.getReader();
  const writer = socket.writable.getWriter();
  const first = reader.read();
  const second = outcome((async () => reader.read())(), ended);
  await writer.write(utf8("1"));
  await first;
  await writer.write(utf8("2"));
  const result = await second;
  await socket.close();
  return result === "data" ? "waits too" : result;
});

point("`readable` is a byte stream (BYOB)", { spec: "no", ...theirs("yes"), ...ours("yes") }, async () => {
  const socket = at(peers.echo);
  await socket.writable.getWriter().write(utf8("abc"));
  const reader = socket.readable.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(8));
  await socket.close();
  return text(value) === "abc" ? "yes" : "no";
});

point("`highWaterMark` counts bytes", { spec: "no such option", ...theirs("yes"), ...ours("yes") }, async () => {
  const socket = at(peers.deaf, { highWaterMark: 1000 });
  await socket.opened;
  const writer = socket.writable.getWriter();
  const before = writer.desiredSize;
  writer.write(new Uint8Array(600)).catch(() => {});
  const after = writer.desiredSize;
  socket.close().catch(() => {});
  return before === 1000 && after === 400 ? "yes" : `${before} → ${after}`;
});

point(
  "room for writes (`desiredSize`) without `highWaterMark`",
  { spec: "not said", ...theirs("1"), ...ours("65536") },
  async () => {
    const socket = at(peers.echo);
    const { desiredSize } = socket.writable.getWriter();
    await socket.opened;
    await socket.close();
    return String(desiredSize);
  },
);

test("nobody reads, and the peer can send no more", async () => {
  const subject = await peer("flood");
  const socket = at(subject.port);
  const total = 200_000_000;
  await socket.writable.getWriter().write(utf8(`${total}\n`));
  await socket.readable.getReader().read();
  const { sent } = await subject.seen("stalled");
  expect(sent).toBeLessThan(total / 2);
  await socket.close();
});

point("`releaseLock()` while a read waits", { spec: "returns", ...theirs("throws: TypeError") }, async () => {
  const socket = at(peers.silent);
  await socket.opened;
  const reader = socket.readable.getReader();
  reader.read().catch(() => {});
  const result = attempt(() => reader.releaseLock());
  socket.close().catch(() => {});
  return result;
});

point("the peer has ended (FIN): a read", { spec: "ends" }, async () => {
  const socket = at(peers.closing);
  const reader = socket.readable.getReader();
  await reader.read();
  const result = await outcome(reader.read(), ended);
  socket.close().catch(() => {});
  return result;
});

point("the same by a BYOB read", { spec: "an empty view of the buffer" }, async () => {
  const socket = at(peers.closing);
  const reader = socket.readable.getReader({ mode: "byob" });
  let result = await reader.read(new Uint8Array(8));
  while (!result.done) result = await reader.read(new Uint8Array(result.value.buffer));
  socket.close().catch(() => {});
  const { value } = result;
  return value?.length === 0 && value.buffer.byteLength === 8 ? "an empty view of the buffer" : String(value);
});

point(
  "the peer has ended and nobody has read it: a write",
  { spec: "not said", ...theirs("resolves"), ...ours("resolves") },
  async () => {
    const subject = await peer("closing");
    const socket = at(subject.port);
    await socket.opened;
    await subject.seen("accepted");
    const result = await outcome(socket.writable.getWriter().write(utf8("x")));
    socket.close().catch(() => {});
    return result;
  },
);

point("the peer has ended and nobody has read it: `closed`", { spec: "stays pending" }, async () => {
  const socket = at(peers.closing);
  await socket.opened;
  const result = await outcome(socket.closed);
  socket.close().catch(() => {});
  return result;
});

point("the peer has ended and it has been read: `closed`", { spec: "resolves" }, async () => {
  const socket = at(peers.closing);
  await readToEnd(socket);
  return outcome(socket.closed);
});

point("the peer has ended and it has been read: a write", { spec: "rejects: TypeError" }, async () => {
  const socket = at(peers.closing);
  const reader = socket.readable.getReader();
  while (!(await reader.read()).done);
  await socket.closed;
  return outcome(socket.writable.getWriter().write(utf8("x")));
});

point("the same with `allowHalfOpen`: a write", { spec: "resolves" }, async () => {
  const socket = at(peers.closing, { allowHalfOpen: true });
  const reader = socket.readable.getReader();
  while (!(await reader.read()).done);
  const result = await outcome(socket.writable.getWriter().write(utf8("x")));
  await socket.close();
  return result;
});

point(
  "`allowHalfOpen`, and both sides have ended: `closed`",
  { spec: "stays pending", ...ours("resolves") },
  async () => {
    const socket = at(peers.echo, { allowHalfOpen: true });
    await socket.writable.getWriter().close();
    const reader = socket.readable.getReader();
    while (!(await reader.read()).done);
    const result = await outcome(socket.closed);
    socket.close().catch(() => {});
    return result;
  },
);

point(
  "our side has ended, then the peer's, and it has been read: `closed`",
  { spec: "resolves", "workerd-2026-08": "stays pending" },
  async () => {
    const socket = at(peers.echo);
    await socket.writable.getWriter().close();
    const reader = socket.readable.getReader();
    while (!(await reader.read()).done);
    const result = await outcome(socket.closed);
    socket.close().catch(() => {});
    return result;
  },
);

point("`readable` cancelled and `writable` closed: `closed`", { spec: "stays pending" }, async () => {
  const socket = at(peers.silent, { allowHalfOpen: true });
  await socket.opened;
  await socket.readable.cancel();
  await socket.writable.close();
  const result = await outcome(socket.closed);
  socket.close().catch(() => {});
  return result;
});

point(
  "the peer resets (RST): a read",
  {
    spec: "not said",
    workerd: "rejects: Error",
    "workerd-2026-08": "ends",
    ...ours("rejects: ClosedError CONNECTION_LOST"),
  },
  async () => {
    const socket = at(peers.resetting);
    await socket.writable.getWriter().write(utf8("x"));
    return outcome(socket.readable.getReader().read(), ended);
  },
);

point(
  "the peer resets and nobody has read it: `closed`",
  { spec: "stays pending", "workerd-2026-08": "resolves", bun: "resolves" },
  async () => {
    const subject = await peer("resetting");
    const socket = at(subject.port);
    await socket.writable.getWriter().write(utf8("x"));
    await subject.seen("closed");
    const result = await outcome(socket.closed);
    socket.close().catch(() => {});
    return result;
  },
);

point("the peer resets and it has been read: `closed`", { spec: "resolves" }, async () => {
  const socket = at(peers.resetting);
  await readToEnd(socket).catch(() => {});
  return outcome(socket.closed);
});
