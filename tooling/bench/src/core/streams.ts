// The platform's own socket in workerd, by its streams. Readers: `byob`, one buffer of 64 KiB that goes round, the fastest
// that was found; `default`, what `for await` over the stream amounts to. Writes are not awaited.

import { connect } from "cloudflare:sockets";
import type { Contestant } from "../harness/contestant.ts";
import { Arrivals, trialOf } from "./workload.ts";

const BUFFER = 64 * 1024;

/** A socket with one of the two readers. */
export function streamsWith(reader: "byob" | "default"): Contestant {
  return (scenario, target) =>
    trialOf(
      scenario,
      (port) => {
        const socket = connect({ hostname: "127.0.0.1", port });
        const writer = socket.writable.getWriter();
        const arrivals = new Arrivals();
        const reading = (reader === "byob" ? readBytes : readDefault)(socket.readable, arrivals);
        reading.catch(() => undefined);
        const send = (bytes: Uint8Array): void => void writer.write(bytes).catch(() => undefined);
        return {
          send,
          sendPieces: (pieces) => {
            for (const piece of pieces) send(piece);
          },
          received: (bytes) => arrivals.wait(bytes),
          close: () => socket.close(),
        };
      },
      target,
    );
}

export const contestant: Contestant = streamsWith("byob");

async function readBytes(readable: ReadableStream, arrivals: Arrivals): Promise<void> {
  const reader = readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(BUFFER);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done || value === undefined) return;
    arrivals.add(value.length);
    buffer = value.buffer as ArrayBuffer;
  }
}

async function readDefault(readable: ReadableStream, arrivals: Arrivals): Promise<void> {
  const reader = (readable as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    arrivals.add(value.length);
  }
}
