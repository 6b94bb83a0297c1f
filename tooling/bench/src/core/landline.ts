// @landline/core: a Transport from dial(), and what it receives by push.

import { dial } from "@landline/core";
import type { Contestant } from "../harness/contestant.ts";
import { Arrivals, trialOf } from "./workload.ts";
import type { Line } from "./workload.ts";

export const contestant: Contestant = (scenario, target) =>
  trialOf(
    scenario,
    async (port): Promise<Line> => {
      const transport = await dial({ hostname: "127.0.0.1", port });
      const arrivals = new Arrivals();
      transport.receive({
        data: (chunk) => arrivals.add(chunk.length),
        end: () => {},
        error: () => {},
      });
      return {
        send: (bytes) => transport.write(bytes),
        sendPieces: (pieces) => {
          for (const piece of pieces) transport.write(piece);
        },
        received: (bytes) => arrivals.wait(bytes),
        close: () => transport.close(),
      };
    },
    target,
  );
