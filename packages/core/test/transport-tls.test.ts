// TLS by dial(): the options a runtime can honour, the typed refusal where it cannot, and a connection that is cut.

import { expect, inject, test } from "vitest";
import { ByteReader } from "../src/bytes/index.ts";
import { connect, dial, transportOf } from "../src/index.ts";
import type { DialOptions, Negotiation, Transport } from "../src/index.ts";
import { Collector, text, utf8 } from "./collector.ts";
import type { Handshake } from "./peers/secure.ts";
import { kind, ours, point, theirs } from "./points.ts";

const peers = inject("peers");
const services = inject("services");
const local = (port: number): { hostname: string; port: number } => ({ hostname: "localhost", port });
const refused = theirs("TlsError TLS_UNSUPPORTED_OPTION");
const trusting = { tls: "on", ca: peers.privateCa, servername: "service.test" } as const;

const upgrade =
  (how: string): Negotiation =>
  async (transport) => {
    transport.write(utf8(`STARTTLS ${how}\n`));
    return (await new ByteReader(transport).readLine()) === "GO";
  };

async function line(transport: Transport): Promise<string> {
  let said = "";
  while (!said.endsWith("\n")) said += text(await transport.pull());
  return said;
}

/** Whether an option does what it should: `yes`, or how it is refused. */
function option(
  title: string,
  options: DialOptions,
  honoured: (told: Handshake, transport: Transport) => boolean,
): void {
  point(title, { spec: "yes", ...refused }, async () => {
    try {
      const transport = await dial(local(peers.privateTls), options);
      const told = JSON.parse(await line(transport)) as Handshake;
      await transport.close();
      return honoured(told, transport) ? "yes" : "no";
    } catch (error) {
      return kind(error);
    }
  });
}

option("`dial()` with `ca` and `servername`", trusting, (told) => told.servername === "service.test" && !told.client);
option("`dial()` with `cert` and `key`", { ...trusting, ...peers.client }, (told) => told.client);
option(
  "`dial()` with `alpn`",
  { ...trusting, alpn: ["landline/2"] },
  (told, { info }) => info.alpn === told.alpn && told.alpn === "landline/2",
);
option("`dial()` with `rejectUnauthorized: false`", { tls: "on", rejectUnauthorized: false }, () => true);

/** Whether it is the certificate of `pem`. */
function isCertificate(der: Uint8Array | undefined, pem: string): boolean {
  const base64 = /-----BEGIN CERTIFICATE-----([^-]*)/.exec(pem)?.[1] ?? "";
  return der !== undefined && btoa(String.fromCharCode(...der)) === base64.replaceAll(/\s/g, "");
}

point("the peer's certificate, in `info`", { spec: "yes", ...theirs("not told") }, async () => {
  const plain = await dial(local(peers.echo));
  await plain.close();
  if (plain.info.peerCertificate !== undefined) return "one in the clear";
  const first = await dial(local(peers.echoTls), { tls: "on" });
  const upgraded = await dial(local(peers.starttls), { tls: "starttls", negotiate: upgrade("well") });
  const told = [first, upgraded].map(({ info }) => info.peerCertificate);
  await Promise.all([first.close(), upgraded.close()]);
  if (told.every((der) => der === undefined)) return "not told";
  return told.every((der) => isCertificate(der, services.certificate.cert)) ? "yes" : "another";
});

point("`dial()` with `ca`, after STARTTLS", { spec: "yes", ...refused }, async () => {
  try {
    const transport = await dial(local(peers.starttls), {
      tls: "starttls",
      negotiate: upgrade("untrusted"),
      rejectUnauthorized: false,
    });
    await transport.close();
    const distrusting = dial(local(peers.starttls), {
      tls: "starttls",
      negotiate: upgrade("well"),
      ca: peers.privateCa,
    });
    return await distrusting.then(
      () => "no: the usual authorities still count",
      (error: unknown) => (kind(error) === "TlsError TLS_CERTIFICATE" ? "yes" : kind(error)),
    );
  } catch (error) {
    return kind(error);
  }
});

test("`rejectUnauthorized: true` is no request, and fine everywhere", async () => {
  const transport = await dial(local(peers.echoTls), { tls: "on", rejectUnauthorized: true });
  expect(transport.info.secure).toBe(true);
  await transport.close();
});

test("TLS options without TLS are a TypeError, not a connection in the clear", async () => {
  await expect(dial(local(peers.echo), { ca: services.ca.pem })).rejects.toBeInstanceOf(TypeError);
});

test("a TLS connection carries much, both ways and in order, and ends cleanly", async () => {
  const transport = await dial(local(peers.echoTls), { tls: "on" });
  const sink = new Collector();
  transport.receive(sink);
  transport.write(new Uint8Array(3_000_000).map((_, index) => index % 251));
  transport.end();
  await sink.ended;
  expect(sink.length).toBe(3_000_000);
  expect(sink.inOrder).toBe(true);
  expect((await transport.closed).reason).toBe("remote");
});

test("the same after STARTTLS", async () => {
  const transport = await dial(local(peers.starttls), { tls: "starttls", negotiate: upgrade("well") });
  const sink = new Collector();
  transport.receive(sink);
  transport.write(new Uint8Array(3_000_000).map((_, index) => index % 251));
  transport.end();
  await sink.ended;
  expect(sink.length).toBe(3_000_000);
  expect(sink.inOrder).toBe(true);
});

/** What a transport tells when its peer cuts the connection beneath TLS. */
async function cut(port: number): Promise<string> {
  const transport = await dial(local(port), { tls: "on" });
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("x"));
  const told = await Promise.race([sink.ended.then(() => "ends"), sink.failed.then(kind)]);
  transport.abort();
  return told;
}

point("a TLS connection that is reset", { spec: "ClosedError CONNECTION_LOST", deno: "ends" }, () =>
  cut(peers.resettingTls),
);

point(
  "a TLS connection that is cut by a FIN, without the end of TLS",
  { spec: "ClosedError CONNECTION_LOST", ...ours("ends") },
  () => cut(peers.cuttingTls),
);

test("a platform's startTls() is given nothing: the name it verifies is the address's", async () => {
  const given: unknown[][] = [];
  const transport = await dial(local(peers.starttls), {
    tls: "starttls",
    negotiate: upgrade("well"),
    connect(address, options) {
      const socket = connect(address, options);
      return {
        readable: socket.readable,
        writable: socket.writable,
        opened: socket.opened,
        closed: socket.closed,
        upgraded: false,
        secureTransport: "starttls",
        startTls(...args: unknown[]) {
          given.push(args);
          return socket.startTls();
        },
        close: () => socket.close(),
      };
    },
  });
  expect(given).toEqual([[]]);
  transport.write(utf8("ping"));
  expect(text(await transport.pull())).toBe("ping");
  await transport.close();
});

test("a socket upgraded by startTls() can be wrapped", async () => {
  const plain = connect(local(peers.starttls), { secureTransport: "starttls", allowHalfOpen: true });
  const writer = plain.writable.getWriter();
  await writer.write(utf8("STARTTLS well\n"));
  writer.releaseLock();
  const reader = plain.readable.getReader();
  expect(text((await reader.read()).value)).toBe("GO\n");
  reader.releaseLock();
  const transport = await transportOf(plain.startTls(), local(peers.starttls));
  transport.write(utf8("ping"));
  expect(text(await transport.pull())).toBe("ping");
  await transport.close();
});
