// The work of the core scenarios, over the little that a socket has to do in them. No imports of runtimes here: it runs
// on all of them.

import { inFlight, unknownScenario } from "../harness/contestant.ts";
import type { Target, Trial } from "../harness/contestant.ts";

/** What the source sends for each byte. */
export const SOURCE_BYTES = 64 * 1024 * 1024;
export const SMALL = 64;
export const WRITES = 20_000;
/** What the sink answers one byte to. */
export const WRITE_BYTES = SMALL * WRITES;
export const PING = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");

/** A connection, reduced to what is measured. */
export interface Line {
  /** Sends `bytes`, or all pieces in one tick, each by a write of its own. */
  send(bytes: Uint8Array): void;
  sendPieces(pieces: readonly Uint8Array[]): void;
  /** Resolves when so many more bytes have come. */
  received(bytes: number): Promise<void>;
  close(): unknown;
}

/** Opens a connection to a port of loopback. */
export type Open = (port: number) => Line | Promise<Line>;

/** The rounds of a scenario. */
export async function trialOf(scenario: string, open: Open, { ports }: Target): Promise<Trial> {
  const { source = 0, bytes = 0, echo = 0 } = ports;
  if (scenario === "receive") {
    const line = await open(source);
    const one = new Uint8Array(1);
    const once = async (): Promise<void> => {
      line.send(one);
      await line.received(SOURCE_BYTES);
    };
    return { run: inFlight(1, once, SOURCE_BYTES / 2 ** 20), close: async () => void (await line.close()) };
  }
  const line = await open(scenario === "ping" ? echo : bytes);
  const close = async (): Promise<void> => void (await line.close());
  const large = new Uint8Array(WRITE_BYTES).fill(0x62);
  // Made beforehand: cutting takes longer than writing, and is nobody's who is measured here.
  const pieces = Array.from({ length: WRITES }, (_, index) => large.subarray(index * SMALL, (index + 1) * SMALL));
  const ask = async (send: () => void, answer: number): Promise<void> => {
    send();
    await line.received(answer);
  };
  switch (scenario) {
    case "ping":
      return { run: inFlight(1, () => ask(() => line.send(PING), PING.length)), close };
    case "small":
      return { run: inFlight(1, () => ask(() => line.sendPieces(pieces), 1)), close };
    case "large":
      return { run: inFlight(1, () => ask(() => line.send(large), 1)), close };
    default:
      throw unknownScenario(scenario);
  }
}

/** Waits for bytes that a callback reports. */
export class Arrivals {
  #have = 0;
  #want = 0;
  #resolve: (() => void) | undefined;

  add(bytes: number): void {
    this.#have += bytes;
    if (this.#resolve === undefined || this.#have < this.#want) return;
    this.#have -= this.#want;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve();
  }

  wait(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#want = bytes;
      this.#resolve = resolve;
      this.add(0);
    });
  }
}
