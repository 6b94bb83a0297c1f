// A server that accepts connections and ends each at once, as a proxy does that has too many. A globalSetup.

import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly shedding: { readonly port: number };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume().end();
  });
  await once(server.listen(0, "localhost"), "listening");
  project.provide("shedding", { port: (server.address() as AddressInfo).port });
  return async () => {
    server.close();
    await once(server, "close");
  };
}
