// TLS from the first byte in front of Postgres, as a load balancer terminates it: a globalSetup of its own. Postgres itself takes
// such connections only from who names its protocol by ALPN (PostgreSQL 17), which a socket of Workers cannot.

import { connect, type Server, type Socket } from "node:net";
import { createServer } from "node:tls";
import { listenOnLoopback } from "./ports.ts";
import { sharedSetup } from "./shared-setup.ts";

export const setup = sharedSetup("tlsProxy", async (_run, { certificate, postgres }) => {
  const open = new Set<Socket>();
  const make = (): Server =>
    createServer({ ...certificate, noDelay: true }, (client) => {
      const server = connect({ host: postgres.hostname, port: postgres.port, noDelay: true });
      for (const socket of [client, server]) {
        open.add(socket);
        socket.on("close", () => open.delete(socket));
        // An error of one is the end of both.
        socket.on("error", () => {});
        socket.on("close", () => (socket === client ? server : client).destroy());
      }
      client.pipe(server);
      server.pipe(client);
    });
  const { port, servers } = await listenOnLoopback(make);
  return {
    value: { hostname: postgres.hostname, port },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
});
