// The floor: bytes that were encoded beforehand go out over node:net, and what comes back is only counted. Nobody waits
// for a promise; a new request leaves for each answer. What a client takes beyond this is its own work.

import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Count, Trial } from "./contestant.ts";

/** Counts the answers that end in this chunk. Keeps its own state between chunks. */
export type Counter = (chunk: Uint8Array) => number;

export interface Pump {
  readonly socket: Socket;
  /** One request. */
  readonly request: Uint8Array;
  readonly counter: Counter;
  /** How many requests are in flight. */
  readonly inFlight: number;
  /** A new burst leaves only when the last one has been answered whole. */
  readonly bursts?: boolean;
}

/** Connects with the settings of a client: no delay. */
export async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.removeAllListeners("error");
  return socket;
}

/** Rounds of a pump. */
export function pumpTrial({ socket, request, counter, inFlight, bursts = false }: Pump): Trial {
  const repeated = new Uint8Array(request.length * inFlight);
  for (let i = 0; i < inFlight; i++) repeated.set(request, i * request.length);
  const run = (budgetMs: number): Promise<Count> =>
    new Promise((resolve, reject) => {
      const start = performance.now();
      const end = start + budgetMs;
      let operations = 0;
      let open = inFlight;
      const finish = (settle: () => void): void => {
        socket.off("data", onData);
        socket.off("close", onClose);
        settle();
      };
      const onClose = (): void => finish(() => reject(new Error("the server closed the connection")));
      const onData = (chunk: Uint8Array): void => {
        const answers = counter(chunk);
        operations += answers;
        open -= answers;
        const more = performance.now() < end ? inFlight - open : 0;
        if (more > 0 && (!bursts || open === 0)) {
          open += more;
          socket.write(repeated.subarray(0, more * request.length));
        } else if (open === 0) finish(() => resolve({ operations, elapsedMs: performance.now() - start }));
      };
      socket.on("data", onData);
      socket.on("close", onClose);
      socket.write(repeated);
    });
  return { run, close: () => void socket.destroy() };
}
