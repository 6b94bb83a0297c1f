// Peers for the transport tests: small TCP servers that do one thing each, some of it nasty. They run in the Node process
// that starts vitest, so that the same tests reach them from Node and from inside workerd.

import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket } from "node:tls";
import type {} from "@landline/services/vitest";
import type { TestProject } from "vitest/node";
import { startBlackHole } from "../src/testing/proxy.ts";

/** Ports on localhost, by what the server there does. */
export interface Peers {
  /** Sends back what it gets, and its FIN after the other's. */
  readonly echo: number;
  /** The same over TLS from the first byte, with a trusted certificate. */
  readonly echoTls: number;
  /** The same with a certificate that nobody trusts. */
  readonly untrustedTls: number;
  /** Accepts, and never says a word. */
  readonly silent: number;
  /** Does not even accept: no answer to SYN. */
  readonly blackHole: number;
  /** Says `bye` and ends. */
  readonly closing: number;
  /** Resets the connection at the first byte. */
  readonly resetting: number;
  /** Sends as many bytes as the number on the first line says, then ends; the byte at offset n is n mod 251. */
  readonly flood: number;
  /** Reads nothing. */
  readonly deaf: number;
  /** Answers each chunk with a line: how many connections to it are open. */
  readonly counting: number;
  /** Nothing listens there. */
  readonly refusing: number;
  /**
   * A line protocol that upgrades at `STARTTLS`. The word after it chooses what happens: `well`, `decline`, `inject` (a
   * line in the clear behind the go-ahead), `split` (the go-ahead, and then a line in the clear), `plain` (goes on without
   * TLS), `hangup`, `silent`, `untrusted`.
   */
  readonly starttls: number;
}

declare module "vitest" {
  interface ProvidedContext {
    peers: Peers;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { certificate, untrusted } = project.getProvidedContext().services;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const counted = new Set<Socket>();
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return (server.address() as AddressInfo).port;
  };
  const tcp = (serve: (socket: Socket) => void): Promise<number> =>
    listen(createServer({ allowHalfOpen: true, noDelay: true }, serve));
  const tls = (identity: { cert: string; key: string }): Promise<number> => {
    const server = createTlsServer({ ...identity, allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    });
    server.on("tlsClientError", () => {});
    return listen(server);
  };

  const hole = await startBlackHole();
  const refusing = createServer();
  await new Promise<void>((resolve) => refusing.listen(0, "localhost", resolve));
  const refusingPort = (refusing.address() as AddressInfo).port;
  await new Promise((resolve) => refusing.close(resolve));

  project.provide("peers", {
    echo: await tcp((socket) => void socket.pipe(socket)),
    echoTls: await tls(certificate),
    untrustedTls: await tls(untrusted),
    silent: await tcp((socket) => void socket.resume()),
    blackHole: hole.port,
    closing: await tcp((socket) => void socket.resume().end("bye\n")),
    resetting: await tcp((socket) => void socket.once("data", () => socket.resetAndDestroy())),
    flood: await tcp(flood),
    deaf: await tcp((socket) => void socket.pause()),
    counting: await tcp((socket) => {
      counted.add(socket);
      const gone = (): void => {
        counted.delete(socket);
        socket.end();
      };
      socket.on("end", gone).on("close", gone);
      socket.on("data", () => socket.write(`${counted.size}\n`));
    }),
    refusing: refusingPort,
    starttls: await tcp((socket) => startTls(socket, certificate, untrusted)),
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await hole.close();
  };
}

function flood(socket: Socket): void {
  socket.once("data", (line) => {
    let left = Number(line.toString());
    let at = 0;
    const more = (): void => {
      while (left > 0) {
        const chunk = Buffer.alloc(Math.min(left, 251 * 256));
        for (let index = 0; index < chunk.length; index++) chunk[index] = (at + index) % 251;
        left -= chunk.length;
        at += chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", more);
      }
      socket.end();
    };
    more();
  });
}

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function startTls(socket: Socket, certificate: Identity, untrusted: Identity): void {
  socket.once("data", (line) => {
    const [, how = "well"] = line.toString().trim().split(" ");
    if (how === "decline") return void socket.write("NO\n", () => socket.pipe(socket));
    if (how === "hangup") return void socket.end();
    if (how === "silent") return;
    if (how === "inject") socket.write("GO\nEVIL\n");
    else socket.write("GO\n");
    if (how === "split") socket.write("EVIL\n");
    if (how === "plain") return void socket.once("data", () => socket.end("this is not TLS\n"));
    const secureContext = createSecureContext(how === "untrusted" ? untrusted : certificate);
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on("error", () => {});
    secure.pipe(secure);
  });
}
