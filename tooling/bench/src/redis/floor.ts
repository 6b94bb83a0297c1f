// The floor of Redis: one encoded command again and again; counts the bytes of the replies, whose length is known. RESP2.

import type { Contestant } from "../harness/contestant.ts";
import { unknownScenario } from "../harness/contestant.ts";
import { open, pumpTrial } from "../harness/pump.ts";
import type { Counter } from "../harness/pump.ts";
import { BATCH, IN_FLIGHT, KEY, LIST } from "./workload.ts";

export const contestant: Contestant = async (scenario, { services: { redis: server } }) => {
  const range = scenario === "range";
  const bursts = scenario === "batch" || scenario === "tick";
  const inFlight = { ...IN_FLIGHT, range: 1, batch: BATCH, tick: BATCH }[scenario];
  if (inFlight === undefined) throw unknownScenario(scenario);
  const socket = await open(server.hostname, server.port);
  const request = Buffer.from(range ? encode("LRANGE", LIST, "0", "-1") : encode("GET", KEY));
  socket.write(request);
  const counter = lengthCounter(await quietLength());
  return pumpTrial({ socket, request, counter, inFlight, bursts });

  /** How long one reply is: what comes until the socket has been quiet for a while. */
  function quietLength(): Promise<number> {
    return new Promise((resolve) => {
      let length = 0;
      let timer: NodeJS.Timeout | undefined;
      const onData = (chunk: Uint8Array): void => {
        length += chunk.length;
        clearTimeout(timer);
        timer = setTimeout(() => {
          socket.off("data", onData);
          resolve(length);
        }, 100);
      };
      socket.on("data", onData);
    });
  }
};

function lengthCounter(length: number): Counter {
  let have = 0;
  return (chunk) => {
    have += chunk.length;
    const count = Math.floor(have / length);
    have -= count * length;
    return count;
  };
}

function encode(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
