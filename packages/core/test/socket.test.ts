// connect() and a socket's life until it is open, point by point after the WinterTC Sockets API.

import { expect, inject, test } from "vitest";
import { connect } from "../src/index.ts";
import type { Socket, SocketOptions, TlsOptions } from "../src/index.ts";
import { text, utf8 } from "./collector.ts";
import { attempt, kind, ours, outcome, point, theirs } from "./points.ts";

const peers = inject("peers");
const at = (port: number, options?: SocketOptions): Socket => connect({ hostname: "localhost", port }, options);

/** In a Worker this runs in the global scope. What is not refused fails by itself. */
const atModuleScope = attempt(() => at(peers.refusing));

point(
  "connect() in the module scope",
  { spec: "returns", ...theirs("throws: ConnectError CONNECT_GLOBAL_SCOPE"), "workerd in vitest": "returns" },
  () => atModuleScope,
);

test("connect() returns a socket at once, with everything in its place", async () => {
  const socket = at(peers.echo);
  expect(socket.readable).toBeInstanceOf(ReadableStream);
  expect(socket.writable).toBeInstanceOf(WritableStream);
  expect(socket.opened).toBeInstanceOf(Promise);
  expect(socket.closed).toBeInstanceOf(Promise);
  expect(socket.upgraded).toBe(false);
  expect(socket.secureTransport).toBe("off");
  await socket.opened;
  await socket.close();
});

test("streams may be used before the socket is open", async () => {
  const socket = at(peers.echo);
  const reading = socket.readable.getReader().read();
  await socket.writable.getWriter().write(utf8("early"));
  expect(text((await reading).value)).toBe("early");
  await socket.close();
});

test("an address is a string or an object, IPv6 in brackets or, in the object, without", async () => {
  const port = peers.echoIPv6;
  for (const address of [`[::1]:${port}`, { hostname: "::1", port }, { hostname: "[::1]", port }]) {
    const socket = connect(address);
    expect(await outcome(socket.opened)).toBe("resolves");
    await socket.close();
  }
  const named = connect(`localhost:${peers.echo}`);
  expect(await outcome(named.opened)).toBe("resolves");
  await named.close();
});

/** Those of `values` that a call does not refuse by a TypeError. */
function accepted<T>(values: readonly T[], call: (value: T) => unknown): T[] {
  return values.filter((value) => attempt(() => call(value)) !== "throws: TypeError");
}

test("what is no address is a TypeError, at once", () => {
  const strings = ["", "localhost", ":1", "localhost:", "localhost:0", "localhost:65536", "localhost:1.5", "::1:1"];
  const urls = ["http://localhost:1", "user:secret@localhost:1", "localhost:1/path", "local host:1", "[::1:1", "1"];
  const ports = [undefined, null, "80", 0, -1, 1.5, 65_536, NaN];
  const hostnames = [undefined, null, "", 7, "a".repeat(300), "a..b"];
  expect(accepted([...strings, ...urls], (address) => connect(address))).toEqual([]);
  expect(accepted(ports, (port) => at(port as number))).toEqual([]);
  expect(accepted(hostnames, (hostname) => connect({ hostname: hostname as string, port: 1 }))).toEqual([]);
  expect(accepted([undefined, null, 7, []], (address) => connect(address as never))).toEqual([]);
});

test("a bad option is a TypeError, at once", () => {
  const bad = [
    null,
    { secureTransport: "ON" },
    { secureTransport: null },
    { allowHalfOpen: "yes" },
    { highWaterMark: 0 },
    { highWaterMark: "many" },
    { tls: "yes" },
    { tls: { rejectUnauthorized: true } },
  ];
  expect(accepted(bad, (options) => at(peers.echo, options as unknown as SocketOptions))).toEqual([]);
});

point(
  "a TLS option of the wrong form, at once",
  { spec: "throws: TypeError", ...theirs("throws: TlsError TLS_UNSUPPORTED_OPTION") },
  () => {
    const bad: unknown[] = [
      { ca: 7 },
      { ca: [] },
      { cert: "PEM" },
      { cert: peers.client.cert },
      { key: peers.client.key },
      { alpn: "h2" },
      { alpn: [""] },
      { servername: "no name" },
      { rejectUnauthorized: 0 },
    ];
    const told = bad.map((tls) => attempt(() => at(peers.echo, { secureTransport: "on", tls: tls as TlsOptions })));
    return [...new Set(told)].join("; ");
  },
);

point("`opened` tells the peer's address", { spec: "yes", ...theirs("the address that was asked for") }, async () => {
  const socket = at(peers.echo);
  const { remoteAddress } = await socket.opened;
  await socket.close();
  if (remoteAddress === `localhost:${peers.echo}`) return "the address that was asked for";
  return /^(?:127\.0\.0\.1|\[::1\]):\d+$/.test(remoteAddress ?? "") ? "yes" : `no: ${remoteAddress}`;
});

point("`opened` tells our own address", { spec: "yes", ...theirs("no") }, async () => {
  const socket = at(peers.echo);
  const { localAddress } = await socket.opened;
  await socket.close();
  return typeof localAddress === "string" ? "yes" : "no";
});

point(
  "nothing listens: `opened`",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: ConnectError CONNECT_REFUSED") },
  () => outcome(at(peers.refusing).opened),
);

point(
  "nothing listens: `closed`",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: ConnectError CONNECT_REFUSED") },
  () => outcome(at(peers.refusing).closed),
);

point(
  "nothing listens: a read",
  {
    spec: "ends",
    ...theirs("rejects: Error"),
    "workerd in vitest": "ends",
    ...ours("rejects: ConnectError CONNECT_REFUSED"),
  },
  () => outcome(at(peers.refusing).readable.getReader().read(), ({ done }) => (done ? "ends" : "data")),
);

point(
  "nothing listens: a write",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: ConnectError CONNECT_REFUSED") },
  () => outcome(at(peers.refusing).writable.getWriter().write(utf8("x"))),
);

test("who asks nothing of a connect that fails is told nothing, by no unhandled rejection either", async () => {
  at(peers.refusing);
  at(peers.refusing, { secureTransport: "on" });
  // By then those have failed too.
  expect(await outcome(at(peers.refusing).opened)).toMatch(/^rejects/);
});

test("the message of a failed connect never is the platform's internal error", async () => {
  const error: unknown = await at(peers.refusing).opened.catch((failure: unknown) => failure);
  expect(kind(error)).toMatch(/Error/);
  expect(String(error)).not.toContain("internal error");
});

point("a host that does not answer: `close()` settles", { spec: "resolves", ...theirs("stays pending") }, () => {
  const socket = connect({ hostname: "127.0.0.1", port: peers.blackHole });
  return outcome(socket.close());
});

point(
  "a host that does not answer: `close()` makes `opened` reject",
  { spec: "rejects with the reason", ...theirs("stays pending") },
  () => {
    const socket = connect({ hostname: "127.0.0.1", port: peers.blackHole });
    socket.close("the reason").catch(() => {});
    return outcome(socket.opened).then((result) => result.replace("rejects: the reason", "rejects with the reason"));
  },
);

point("`Symbol.asyncDispose`", { spec: "absent" }, async () => {
  const socket = at(peers.echo);
  await socket.close();
  return Symbol.asyncDispose in socket ? "present" : "absent";
});
