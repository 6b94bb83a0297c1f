// The floor of Postgres: Bind, Execute, Sync for a statement that was prepared before, in binary as our client asks for it.
// Walks the headers of the frames and counts ReadyForQuery; decodes nothing. Logs in by trust.

import type { Socket } from "node:net";
import type { Contestant } from "../harness/contestant.ts";
import { unknownScenario } from "../harness/contestant.ts";
import { open, pumpTrial } from "../harness/pump.ts";
import type { Counter } from "../harness/pump.ts";
import { IN_FLIGHT, SELECT_ALL, SELECT_ONE } from "./workload.ts";

const READY_FOR_QUERY = 0x5a; // 'Z'
const HEADER = 5;

export const contestant: Contestant = async (scenario, { services }) => {
  const callers = scenario === "rows" ? 1 : IN_FLIGHT[scenario];
  if (callers === undefined) throw unknownScenario(scenario);
  const { hostname, port, database, users } = services.postgres;
  const socket = await open(hostname, port);
  const counter = readyCounter();
  const startup = `user\0${users.trust.username}\0database\0${database}\0\0`;
  await settled(socket, counter, Buffer.concat([int32(8 + startup.length), int32(196_608), Buffer.from(startup)]));
  const text = scenario === "rows" ? SELECT_ALL : `${SELECT_ONE}$1`;
  await settled(socket, counter, Buffer.concat([frame("P", `s\0${text}\0\0\0`), frame("S", "")]));
  // A parameter in text, as our client sends it; all results in binary.
  const parameters = scenario === "rows" ? "\0\0" : "\0\x01\0\0\0\x044321";
  const request = Buffer.concat([
    frame("B", `\0s\0\0\0${parameters}\0\x01\0\x01`),
    frame("E", "\0\0\0\0\0"),
    frame("S", ""),
  ]);
  return pumpTrial({ socket, request, counter, inFlight: callers });
};

/** Sends, and waits for ReadyForQuery. */
function settled(socket: Socket, counter: Counter, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const onData = (chunk: Uint8Array): void => {
      if (counter(chunk) === 0) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.write(bytes);
  });
}

function readyCounter(): Counter {
  let skip = 0; // of the frame that the last chunk began
  const head = new Uint8Array(HEADER);
  let have = 0; // of a header that the last chunk began
  return (chunk) => {
    let count = 0;
    let at = skip;
    while (at < chunk.length) {
      while (have < HEADER && at < chunk.length) head[have++] = chunk[at++] ?? 0;
      if (have < HEADER) break;
      have = 0;
      if (head[0] === READY_FOR_QUERY) count++;
      at += Buffer.from(head.buffer).readInt32BE(1) - 4;
    }
    skip = at - chunk.length;
    return count;
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function frame(type: string, body: string): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), Buffer.from(body, "latin1")]);
}
