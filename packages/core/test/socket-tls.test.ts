// TLS of a socket: from the first byte, and by startTls(), point by point after the WinterTC Sockets API.

import { expect, inject, test } from "vitest";
import { connect } from "../src/index.ts";
import type { SecureTransport, Socket, SocketOptions, TlsOptions } from "../src/index.ts";
import { text, utf8 } from "./collector.ts";
import type { Handshake } from "./peers/secure.ts";
import { attempt, kind, ours, outcome, point, theirs } from "./points.ts";

const peers = inject("peers");
const { ca } = inject("services");

function at(port: number, secureTransport: SecureTransport = "on", options: SocketOptions = {}): Socket {
  return connect({ hostname: "localhost", port }, { secureTransport, ...options });
}

/** A socket to the STARTTLS peer, with the peer's go-ahead read and both streams unlocked. */
async function ready(how: string): Promise<Socket> {
  const socket = at(peers.starttls, "starttls");
  const writer = socket.writable.getWriter();
  await writer.write(utf8(`STARTTLS ${how}\n`));
  writer.releaseLock();
  const reader = socket.readable.getReader();
  expect(text((await reader.read()).value)).toBe("GO\n");
  reader.releaseLock();
  return socket;
}

async function echoed(socket: Socket): Promise<string> {
  await socket.opened;
  await socket.writable.getWriter().write(utf8("ping"));
  const back = text((await socket.readable.getReader().read()).value);
  await socket.close();
  return back;
}

test("TLS from the first byte: `opened` resolves after the handshake", async () => {
  const socket = at(peers.echoTls);
  expect(socket.secureTransport).toBe("on");
  expect(await echoed(socket)).toBe("ping");
});

point(
  "TLS, and nobody trusts the certificate: `opened`",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: TlsError TLS_CERTIFICATE") },
  () => outcome(at(peers.untrustedTls).opened),
);

point(
  "TLS, and the certificate is for another name: `opened`",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: TlsError TLS_CERTIFICATE") },
  // The same host by an address that the certificate does not have.
  () => outcome(connect({ hostname: "::ffff:127.0.0.1", port: peers.echoTls }, { secureTransport: "on" }).opened),
);

point(
  "TLS, and the peer does not speak it: `opened`",
  { spec: "rejects: SocketError", ...theirs("rejects: Error"), ...ours("rejects: TlsError TLS_FAILED") },
  () => outcome(at(peers.closing).opened),
);

/** What the peer with a private authority learns of us. */
async function told(tls: TlsOptions): Promise<Handshake> {
  const socket = at(peers.privateTls, "on", { tls });
  const { alpn } = await socket.opened;
  const reader = socket.readable.getReader();
  let line = "";
  while (!line.endsWith("\n")) line += text((await reader.read()).value);
  await socket.close();
  const handshake = JSON.parse(line) as Handshake;
  expect(alpn ?? false).toBe(handshake.alpn);
  return handshake;
}

/** What becomes of a socket until it is open. */
async function trial(make: () => Socket): Promise<string> {
  try {
    return await outcome(make().opened);
  } catch (error) {
    return `throws: ${kind(error)}`;
  }
}

const trusting: TlsOptions = { ca: peers.privateCa, servername: "service.test" };
const refused = theirs("throws: TlsError TLS_UNSUPPORTED_OPTION");

/** A TLS option: `yes` where it is honoured, how it is refused where it is not. */
function option(title: string, tls: TlsOptions, honoured: (handshake: Handshake) => boolean): void {
  point(title, { spec: "yes", ...refused }, async () => {
    try {
      return honoured(await told(tls)) ? "yes" : "no";
    } catch (error) {
      return `throws: ${kind(error)}`;
    }
  });
}

option(
  "TLS option `ca`, with `servername` to verify and to ask for",
  trusting,
  (told) => told.servername === "service.test",
);
option("TLS option `ca` as a list", { ...trusting, ca: [ca.pem, peers.privateCa] }, () => true);
option("TLS options `cert` and `key`: mutual TLS", { ...trusting, ...peers.client }, (told) => told.client);
option("TLS option `alpn`", { ...trusting, alpn: ["landline/1", "other"] }, (told) => told.alpn === "landline/1");
option("TLS option `rejectUnauthorized: false`", { rejectUnauthorized: false }, () => true);

point(
  "`servername` is not what the certificate is for: `opened`",
  { spec: "rejects: SocketError", ...refused, ...ours("rejects: TlsError TLS_CERTIFICATE") },
  () => trial(() => at(peers.privateTls, "on", { tls: { ca: peers.privateCa, servername: "localhost" } })),
);

point("TLS options that are no PEM, before any I/O", { spec: "throws: TypeError", ...refused }, () => {
  const wrong: TlsOptions[] = [{ ca: "no PEM" }, { ca: [ca.pem, ""] }, { cert: "no PEM", key: "no PEM" }];
  const told = wrong.map((tls) => attempt(() => at(peers.privateTls, "on", { tls })));
  return [...new Set(told)].join("; ");
});

point(
  "TLS options `cert` and `key` that do not belong together",
  { spec: "throws: TypeError", ...refused, deno: "rejects: TlsError TLS_FAILED" },
  () => {
    const tls = { ...trusting, cert: peers.client.cert, key: inject("services").certificate.key };
    return trial(() => at(peers.privateTls, "on", { tls }));
  },
);

test("startTls() gives a socket that speaks TLS", async () => {
  const socket = (await ready("well")).startTls();
  expect(socket.secureTransport).toBe("on");
  expect(socket.upgraded).toBe(false);
  expect(await echoed(socket)).toBe("ping");
});

test("startTls() sends what was written before, also what still waits", async () => {
  const plain = at(peers.starttls, "starttls");
  const writer = plain.writable.getWriter();
  for (const part of ["STARTTLS ", "mute", "\n"]) writer.write(utf8(part)).catch(() => {});
  writer.releaseLock();
  const socket = plain.startTls();
  expect(await echoed(socket)).toBe("ping");
});

point("`startTls()`: `upgraded` of the old socket, at once", { spec: "true", ...theirs("false") }, async () => {
  const plain = await ready("well");
  const socket = plain.startTls();
  const { upgraded } = plain;
  await socket.opened;
  await socket.close();
  return String(upgraded);
});

point("`startTls()`: `upgraded` of the old socket, in the end", { spec: "true" }, async () => {
  const plain = await ready("well");
  const socket = plain.startTls();
  await socket.opened;
  await socket.close();
  return String(plain.upgraded);
});

point("`startTls()`: the streams of the old socket", { spec: "no longer work" }, async () => {
  const plain = await ready("well");
  const { readable, writable } = plain;
  const socket = plain.startTls();
  await socket.opened;
  const writing = await outcome((async () => writable.getWriter().write(utf8("in the clear")))());
  const reading = await outcome((async () => readable.getReader().read())(), ({ done }) => (done ? "ends" : "data"));
  const said = await echoed(socket);
  const dead = writing.startsWith("rejects") && /^(?:rejects|ends)/.test(reading) && said === "ping";
  return dead ? "no longer work" : `a write ${writing}, a read ${reading}, and the echo is ${said}`;
});

point("`startTls()`: `closed` of the old socket", { spec: "resolves" }, async () => {
  const plain = await ready("well");
  const socket = plain.startTls();
  await socket.opened;
  const result = await outcome(plain.closed);
  await socket.close();
  return result;
});

for (const [what, secureTransport, port] of [
  ["a plain", "off", peers.echo],
  ["a TLS", "on", peers.echoTls],
] as const) {
  point(`\`startTls()\` on ${what} socket`, { spec: "throws: TypeError" }, async () => {
    const socket = at(port, secureTransport);
    await socket.opened;
    const result = attempt(() => socket.startTls());
    await socket.close();
    return result;
  });
}

point("`startTls()` twice", { spec: "throws: TypeError" }, async () => {
  const plain = await ready("well");
  const socket = plain.startTls();
  const result = attempt(() => plain.startTls());
  await socket.opened;
  await socket.close();
  return result;
});

point("`startTls()` after `close()`", { spec: "throws: TypeError" }, async () => {
  const plain = await ready("well");
  await plain.close();
  return attempt(() => plain.startTls());
});

point(
  "`startTls()` with a stream locked",
  { spec: "not said", ...theirs("throws: TypeError"), ...ours("throws: TypeError") },
  async () => {
    const plain = await ready("well");
    const reader = plain.readable.getReader();
    const first = attempt(() => plain.startTls());
    reader.releaseLock();
    plain.writable.getWriter();
    const second = attempt(() => plain.startTls());
    await plain.close();
    return first === second ? first : `${first}; ${second}`;
  },
);

point(
  "`startTls()`, and nobody trusts the certificate: `opened`",
  {
    spec: "rejects: SocketError",
    workerd: "rejects: Error",
    "workerd-2026-08": "resolves",
    ...ours("rejects: TlsError TLS_CERTIFICATE"),
  },
  async () => outcome((await ready("untrusted")).startTls().opened),
);

point(
  "`startTls()`, and the peer goes on in the clear: `opened`",
  {
    spec: "rejects: SocketError",
    workerd: "rejects: Error",
    "workerd-2026-08": "resolves",
    ...ours("rejects: TlsError TLS_FAILED"),
  },
  async () => outcome((await ready("plain")).startTls().opened),
);
