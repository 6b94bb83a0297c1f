// A port that answers nothing at all, not even a SYN: for deadlines of connecting. Node, Deno and Bun on Linux, whose kernel
// drops a SYN when the queue of a listening socket is full. It listens on loopback only.

import { connect } from "node:net";
import { Worker } from "node:worker_threads";

/** A port that does not even accept. */
export interface BlackHole extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** Ends it, and every attempt to connect to it. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** Listens, says where, and then holds its thread, so that nobody accepts what the kernel has queued. */
const LISTENER = `
const { parentPort } = require("node:worker_threads");
const server = require("node:net").createServer();
server.listen({ port: 0, host: "${HOST}", backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
const FILLERS = 4;

/** Opens a black hole on a free port. */
export async function startBlackHole(): Promise<BlackHole> {
  const listener = new Worker(LISTENER, { eval: true });
  const port = await new Promise<number>((resolve, reject) => {
    listener.once("message", resolve);
    listener.once("error", reject);
  });
  // The first of them fill the queue; the others hang as every later attempt will, and are closed with it.
  const fillers = Array.from({ length: FILLERS }, () => connect({ host: HOST, port }).on("error", () => {}));
  await new Promise<void>((resolve) => fillers[0]?.once("connect", () => resolve()));
  const close = async (): Promise<void> => {
    for (const filler of fillers) filler.destroy();
    await listener.terminate();
  };
  return { hostname: HOST, port, close, [Symbol.asyncDispose]: close };
}
