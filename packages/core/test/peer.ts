// Peers for the behaviour suites. They run in the Node process that starts vitest, so that the same tests reach them from
// every runtime.

import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { makeCertificates } from "@landline/services";
import type {} from "@landline/services/vitest";
import type { TestProject } from "vitest/node";
import { startBlackHole } from "../src/testing/proxy.ts";
import { KINDS, startTls } from "./peers/kinds.ts";
import type { Identity, Kind, Serve } from "./peers/kinds.ts";
import { startLab } from "./peers/lab.ts";
import { cuttingTls, echoTls, tellingTls } from "./peers/secure.ts";

/** Ports on localhost, by what the server there does, and what goes with them. */
export interface Peers extends Record<Kind, number> {
  /** An echo on the IPv6 loopback alone. */
  readonly echoIPv6: number;
  /** An echo over TLS from the first byte, with a trusted certificate. */
  readonly echoTls: number;
  /** The same with a certificate that nobody trusts. */
  readonly untrustedTls: number;
  /** Over TLS, cut at the first byte with no end of TLS, by a FIN or by a reset. */
  readonly cuttingTls: number;
  readonly resettingTls: number;
  /** Tells what it learned in the handshake (`Handshake`), and echoes; its certificate is for `service.test`, of `privateCa`. */
  readonly privateTls: number;
  /** PEM. */
  readonly privateCa: string;
  /** A client's certificate that `privateTls` trusts. */
  readonly client: Identity;
  /** No answer to SYN, on 127.0.0.1. */
  readonly blackHole: number;
  /** Nothing listens there. */
  readonly refusing: number;
  /** See `startTls` of peers/kinds.ts. */
  readonly starttls: number;
  /** The HTTP port of the lab, where a test gets peers of its own. */
  readonly lab: number;
}

declare module "vitest" {
  interface ProvidedContext {
    peers: Peers;
    /** The column of docs/runtimes.md. */
    runtime: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { certificate, untrusted } = project.getProvidedContext().services;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server, host = "localhost"): Promise<number> => {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  };
  const tcp = (serve: Serve, host?: string): Promise<number> =>
    listen(
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => serve(socket, { sent: 0 })),
      host,
    );
  const hole = await startBlackHole();
  const own = makeCertificates("service.test");
  const kinds: [string, number][] = [];
  for (const [kind, serve] of Object.entries(KINDS)) kinds.push([kind, await tcp(serve)]);

  project.provide("runtime", project.name.endsWith(":workerd") ? "workerd in vitest" : "node");
  project.provide("peers", {
    ...(Object.fromEntries(kinds) as Record<Kind, number>),
    echoIPv6: await tcp(KINDS.echo, "::1"),
    echoTls: await listen(echoTls(certificate)),
    untrustedTls: await listen(echoTls(untrusted)),
    cuttingTls: await listen(cuttingTls(certificate, "fin")),
    resettingTls: await listen(cuttingTls(certificate, "reset")),
    privateTls: await listen(tellingTls(own, own.ca)),
    privateCa: own.ca,
    client: { cert: own.cert, key: own.key },
    blackHole: hole.port,
    // A port that was free a moment ago may be a peer's now; this one nobody is ever given.
    refusing: 1,
    starttls: await tcp(startTls(certificate, untrusted)),
    lab: await startLab(listen),
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await hole.close();
  };
}
