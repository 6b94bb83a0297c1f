// Free ports that mean the same on every loopback address, because `localhost` may resolve to any of them.

import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";

const ATTEMPTS = 20;

/** The loopback addresses of this machine: 127.0.0.1, and ::1 where there is one. */
export function loopbackAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return ["127.0.0.1", ...(all.some(({ address }) => address === "::1") ? ["::1"] : [])];
}

/** Whether another process took a port first. */
function isPortTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === "EADDRINUSE";
}

/** Listens with one server for each loopback address, all on the same port. */
export async function listenOnLoopback(make: () => Server): Promise<{ port: number; servers: Server[] }> {
  const addresses = loopbackAddresses();
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    try {
      let port = 0;
      for (const address of addresses) {
        const server = make();
        port = await listen(server, address, port);
        servers.push(server);
      }
      return { port, servers };
    } catch (error) {
      await Promise.all(servers.map(close));
      if (!isPortTaken(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A port that was free a moment ago on every loopback address. Whoever takes it must be ready to lose it, and to ask again. */
export async function freePort(): Promise<number> {
  const { port, servers } = await listenOnLoopback(() => createServer());
  await Promise.all(servers.map(close));
  return port;
}

/** Stops listening. Connections that are open must be ended by their owner. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
