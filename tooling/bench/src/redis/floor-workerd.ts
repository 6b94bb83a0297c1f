// The floor of Redis in workerd: one encoded command again and again over cloudflare:sockets; counts the bytes of the replies,
// whose length is known. RESP2. With one in flight it is a bare ping-pong, with batches a pump.

import { connect } from "cloudflare:sockets";
import type { Contestant, Count } from "../harness/contestant.ts";
import { unknownScenario } from "../harness/contestant.ts";
import { BATCH, IN_FLIGHT, KEY } from "./workload.ts";

const BUFFER = 64 * 1024;

export const contestant: Contestant = async (scenario, { services: { redis: server } }) => {
  const bursts = scenario === "batch" || scenario === "tick";
  const inFlight = { ...IN_FLIGHT, batch: BATCH, tick: BATCH }[scenario];
  if (inFlight === undefined) throw unknownScenario(scenario);
  const request = new TextEncoder().encode(`*2\r\n$3\r\nGET\r\n$${KEY.length}\r\n${KEY}\r\n`);
  const repeated = new Uint8Array(request.length * inFlight);
  for (let i = 0; i < inFlight; i++) repeated.set(request, i * request.length);
  const replyLength = "$64\r\n".length + 64 + 2;
  const socket = connect({ hostname: "127.0.0.1", port: server.port });
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader({ mode: "byob" });
  let buffer = new Uint8Array(BUFFER);

  const run = async (budgetMs: number): Promise<Count> => {
    const start = performance.now();
    const end = start + budgetMs;
    let operations = 0;
    let open = inFlight;
    let bytes = 0;
    void writer.write(repeated);
    while (open > 0) {
      const { value, done } = await reader.read(buffer);
      if (done) throw new Error("the server closed the connection");
      bytes += value.length;
      buffer = new Uint8Array(value.buffer);
      const answers = Math.floor(bytes / replyLength);
      bytes -= answers * replyLength;
      operations += answers;
      open -= answers;
      const more = performance.now() < end ? inFlight - open : 0;
      if (more > 0 && (!bursts || open === 0)) {
        open += more;
        void writer.write(repeated.subarray(0, more * request.length));
      }
    }
    return { operations, elapsedMs: performance.now() - start };
  };
  return { run, close: () => void socket.close() };
};
