// The floor of a gigabyte for a slow reader in workerd: a loop over the bare socket, with one buffer that goes round, that
// looks at nothing. What it grows by is the runtime's own.

import { connect } from "cloudflare:sockets";
import { unknownScenario } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { GIGABYTE, SELECT_GIGABYTE, slowly, timed } from "./volume-work.ts";

const BUFFER_BYTES = 64 * 1024;

export const contestant: Contestant = (scenario, { services: { postgres: server } }) => {
  if (scenario !== "slow copy") throw unknownScenario(scenario);
  const run = async (): Promise<void> => {
    const socket = connect({ hostname: server.hostname, port: server.port });
    const writer = socket.writable.getWriter();
    const startup = `user\0${server.users.trust.username}\0database\0${server.database}\0\0`;
    await writer.write(bytesOf(int32(8 + startup.length), int32(196_608), startup));
    const query = `copy (${SELECT_GIGABYTE}) to stdout\0`;
    await writer.write(bytesOf("Q", int32(4 + query.length), query));
    const reader = socket.readable.getReader({ mode: "byob" });
    let buffer = new Uint8Array(BUFFER_BYTES);
    const read = slowly();
    for (let bytes = 0; bytes < GIGABYTE;) {
      const { value, done } = await reader.read(buffer);
      if (done) throw new Error("the server ended the connection");
      bytes += value.length;
      buffer = new Uint8Array(value.buffer);
      await read(value.length);
    }
    await socket.close();
  };
  return Promise.resolve({ run: () => timed(run), close: () => {} });
};

function int32(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function bytesOf(...parts: readonly string[]): Uint8Array {
  return Uint8Array.from(parts.join(""), (character) => character.charCodeAt(0));
}
