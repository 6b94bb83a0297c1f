// A host that does not answer: a listening socket whose thread never accepts, with its queue full, so that the kernel
// drops every further SYN.

import { connect } from "node:net";
import { Worker } from "node:worker_threads";

export interface BlackHole {
  readonly port: number;
  close(): Promise<void>;
}

export async function blackHole(): Promise<BlackHole> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer();
     server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  // The first fill the queue; what comes after them hangs in SYN_SENT and is closed with the rest.
  const fillers = Array.from({ length: 4 }, () => connect({ host: "127.0.0.1", port }).on("error", () => {}));
  await new Promise<void>((resolve) => fillers[0]?.once("connect", () => resolve()));
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
