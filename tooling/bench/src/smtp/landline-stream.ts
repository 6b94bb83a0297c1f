// An attachment of 100 MB that is made while it is sent, in pieces of 64 kB.

import { smtp } from "@landline/smtp";
import type { Contestant, Count } from "../harness/contestant.ts";
import { serverOf } from "./workload.ts";

const BYTES = 100_000_000;
const PIECE = new Uint8Array(64_000).fill(0x61);

function source(): ReadableStream<Uint8Array> {
  let left = BYTES;
  return new ReadableStream({
    pull(controller) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      left -= piece.length;
      controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

export const contestant: Contestant = async (scenario, target) => {
  const { hostname, port } = serverOf(scenario, target);
  const mail = smtp({ hostname, port, tls: "off" });
  const mailOf = (content: string | ReadableStream<Uint8Array>) =>
    mail.send({ from: "a@a.example", to: "b@b.example", text: "x", attachments: [{ content }] });
  await mailOf("warm");
  const run = async (): Promise<Count> => {
    const start = performance.now();
    await mailOf(source());
    return { operations: 1, elapsedMs: performance.now() - start };
  };
  return { run, close: () => mail.end() };
};
