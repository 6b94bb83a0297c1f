// Servers that end connections: each at once, as a proxy does that has too many, or when they have begun to answer. A globalSetup.

import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly shedding: {
      /** Ends each connection at once. */
      readonly port: number;
      /** Ends it when it has answered the first bytes with half a frame, as Postgres has them. */
      readonly midLogin: number;
      /** Greets as a mail server, and ends it at the first command. */
      readonly afterGreeting: number;
      /** Says yes to TLS as Postgres does, with bytes in the clear behind that. */
      readonly injecting: number;
    };
  }
}

/** `S`, and the beginning of an answer that nobody has encrypted. */
const INJECTED = Uint8Array.of(0x53, 0x52, 0, 0, 0, 8);
/** The first bytes of an AuthenticationRequest. */
const HALF = Uint8Array.of(0x52, 0, 0, 0, 23, 0);

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers: Server[] = [];
  const listen = async (serve: (socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    servers.push(server);
    await once(server.listen(0, "localhost"), "listening");
    return (server.address() as AddressInfo).port;
  };
  project.provide("shedding", {
    port: await listen((socket) => void socket.resume().end()),
    midLogin: await listen((socket) => socket.once("data", () => socket.resume().end(HALF))),
    afterGreeting: await listen((socket) => {
      socket.write("220 mail.example ready\r\n");
      socket.once("data", () => socket.resume().end());
    }),
    injecting: await listen((socket) => {
      socket.once("data", () => {
        socket.write(INJECTED);
        socket.once("data", () => socket.resume().end());
      });
    }),
  });
  return async () => {
    for (const server of servers) {
      server.close();
      await once(server, "close");
    }
  };
}
