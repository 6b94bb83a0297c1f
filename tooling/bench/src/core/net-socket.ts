// net.Socket with its 'data' event and without delay: the best that Node has. `cork()` for many small writes is its
// documented way to send them as one (nodejs.org/api/stream.html, "writable.cork()").

import { open } from "../harness/pump.ts";
import type { Contestant } from "../harness/contestant.ts";
import { Arrivals, trialOf } from "./workload.ts";

export const contestant: Contestant = (scenario, target) =>
  trialOf(
    scenario,
    async (port) => {
      const socket = await open("127.0.0.1", port);
      const arrivals = new Arrivals();
      socket.on("data", (chunk) => arrivals.add(chunk.length));
      return {
        send: (bytes) => void socket.write(bytes),
        sendPieces: (pieces) => {
          socket.cork();
          for (const piece of pieces) socket.write(piece);
          socket.uncork();
        },
        received: (bytes) => arrivals.wait(bytes),
        close: () => socket.destroy(),
      };
    },
    target,
  );
