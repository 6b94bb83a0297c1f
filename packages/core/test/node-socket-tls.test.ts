// TLS on a socket that looks like net.Socket: in place, by the runtime's node:tls, by the socket itself. Never by name only.

import { once } from "node:events";
import { connect as tlsConnect } from "node:tls";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { Negotiation } from "../src/index.ts";
import { nodeSocket } from "../src/node-socket/index.ts";
import { answered, echo, failure } from "./upgrading.ts";

const peers = inject("peers");

describe("in place", () => {
  test("what is written meanwhile waits for the handshake", async () => {
    const socket = await answered("well");
    const secured = once(socket, "secureConnect");
    expect(socket.startTls({ servername: "localhost" })).toBe(socket);
    const said = echo(socket, "over TLS");
    expect([socket.encrypted, socket.authorized]).toEqual([false, false]);
    await secured;
    expect([socket.encrypted, socket.authorized]).toEqual([true, true]);
    expect(await said).toBe("over TLS");
    expect(() => socket.startTls()).toThrow(TypeError);
  });

  test("a certificate that is not trusted is an error, before anything is sent", async () => {
    const socket = await answered("untrusted");
    const error = failure(socket);
    const events: string[] = [];
    socket.on("secureConnect", () => events.push("secureConnect"));
    socket.startTls();
    socket.write("a secret");
    expect(((await error).cause as Error).name).toBe("TlsError");
    // An older workerd tells of a handshake before it is over; the one in use does not.
    expect(events).toEqual([]);
  });

  test("bytes that came in the clear behind the answer are an injection", async () => {
    const socket = nodeSocket().connect(peers.starttls, "localhost");
    onTestFinished(() => void socket.on("error", () => {}).destroy());
    await once(socket, "connect");
    socket.write("STARTTLS inject\n");
    await once(socket, "readable");
    socket.read(3);
    expect(() => socket.startTls()).toThrow(expect.objectContaining({ code: "TLS_INJECTION" }));
  });

  test("a handshake that is never answered ends by the deadline of the connection", async () => {
    const socket = nodeSocket({ connectTimeout: 300 }).connect(peers.silent, "localhost");
    const error = failure(socket);
    await once(socket, "connect");
    socket.startTls();
    expect(await error).toMatchObject({
      code: "ETIMEDOUT",
      message: expect.stringContaining("TLS handshake") as string,
    });
  });

  test("what would be ignored is refused", async () => {
    const socket = await answered("well");
    for (const options of [
      { rejectUnauthorized: false },
      { ca: "-----BEGIN CERTIFICATE-----" },
      { checkServerIdentity: () => undefined },
      { servername: "other.example" },
    ]) {
      expect(() => socket.startTls(options)).toThrow(expect.objectContaining({ code: "TLS_UNSUPPORTED_OPTION" }));
    }
  });

  test("is not possible before a connection, nor where it was ruled out", async () => {
    expect(() => nodeSocket().startTls()).toThrow(TypeError);
    const socket = await answered("well", { tls: "off" });
    expect(() => socket.startTls()).toThrow(TypeError);
  });

  test("is not possible any more once the conversation goes on in the clear", async () => {
    const socket = nodeSocket().connect(peers.echo, "localhost");
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    expect(await echo(socket, "x".repeat(20_000))).toHaveLength(20_000);
    expect(() => socket.startTls()).toThrow(TypeError);
  });
});

describe("by the runtime's own tls.connect({ socket })", () => {
  test("is TLS", async () => {
    const socket = await answered("well");
    const secure = tlsConnect({ socket, servername: "localhost" });
    onTestFinished(() => void secure.on("error", () => {}).destroy());
    await once(secure, "secureConnect");
    expect(await echo(secure, "over TLS")).toBe("over TLS");
    const text = "y".repeat(500_000);
    expect((await echo(secure, text)) === text).toBe(true);
    const closed = [new Promise((resolve) => socket.on("close", resolve)), once(secure, "close")];
    secure.end();
    await Promise.all(closed);
  });

  test("with a certificate that is not trusted is an error", async () => {
    const socket = await answered("untrusted");
    socket.on("error", () => {});
    const secure = tlsConnect({ socket, servername: "localhost" });
    const error = failure(secure);
    const events: string[] = [];
    secure.on("secureConnect", () => events.push("secureConnect"));
    secure.write("a secret");
    expect(await error).toBeInstanceOf(Error);
    expect(events).toEqual([]);
  });
});

describe("by the socket", () => {
  const negotiate: Negotiation = async (transport) => {
    transport.write(new TextEncoder().encode("STARTTLS well\n"));
    return new TextDecoder().decode(await transport.pull()) === "GO\n";
  };

  test("from the first byte: a connect, then a secureConnect", async () => {
    const socket = nodeSocket({ tls: "on" }).connect(peers.echoTls, "localhost");
    onTestFinished(() => void socket.destroy());
    const events: string[] = [];
    for (const event of ["connect", "ready", "secureConnect"]) socket.on(event, () => events.push(event));
    expect(await echo(socket, "over TLS")).toBe("over TLS");
    expect(events).toEqual(["connect", "ready", "secureConnect"]);
    expect([socket.encrypted, socket.authorized]).toEqual([true, true]);
  });

  test("from the first byte, with a certificate that is not trusted: an error, and no connect", async () => {
    const socket = nodeSocket({ tls: "on" });
    const error = failure(socket);
    const events: string[] = [];
    socket.on("connect", () => events.push("connect"));
    socket.connect(peers.untrustedTls, "localhost");
    expect((await error).cause).toMatchObject({ outcome: "unsent" });
    expect(events).toEqual([]);
  });

  test("negotiated before the driver is told of the connection", async () => {
    const socket = nodeSocket({ tls: "starttls", negotiate }).connect(peers.starttls, "localhost");
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    expect(socket.encrypted).toBe(true);
    expect(await echo(socket, "over TLS")).toBe("over TLS");
  });
});
