// The work that every Redis client does, and its rounds.

import { redis } from "@landline/redis";
import type { Services } from "@landline/services";
import { firstResults, inFlight, isFirst, isSecure, unknownScenario } from "../harness/contestant.ts";
import type { Trial } from "../harness/contestant.ts";

export const KEY = "bench:64";
export const LIST = "bench:list";
const VALUE = "0123456789abcdef".repeat(4);
export const ELEMENTS = 10_000;
export const BATCH = 1_000;
/** Callers in flight, by scenario. */
export const IN_FLIGHT: Readonly<Record<string, number>> = { "1": 1, "16": 16, "256": 256 };

/** What a client is asked to do. */
export interface Commands {
  get(): Promise<unknown>;
  /** The client's own way to send BATCH commands as one piece; where it has none, all of them in one tick. */
  batch(): Promise<readonly unknown[]>;
  range(): Promise<readonly unknown[]>;
  close(): Promise<unknown> | void;
}

/** Where a scenario goes. The ACL user, over TLS or not. */
export function urlOf(scenario: string, { redis: { url, tlsUrl } }: Services): string {
  return isSecure(scenario) ? tlsUrl : url;
}

/** Sets the keys that are read. */
export async function prepareRedis({ redis: { url } }: Services): Promise<void> {
  await using kv = redis(url);
  await kv.set(KEY, VALUE);
  await kv.call("DEL", LIST);
  const element = "element number ";
  const elements = Array.from({ length: ELEMENTS }, (_, i) => `${element}${i}`);
  await kv.call("RPUSH", LIST, ...elements);
}

/** Checks that the client works, and returns its rounds. */
export async function trialOf(scenario: string, open: () => Commands | Promise<Commands>): Promise<Trial> {
  if (isFirst(scenario)) {
    return firstResults(
      open,
      (commands) => commands.get(),
      (commands) => commands.close(),
    );
  }
  const commands = await open();
  const close = async (): Promise<void> => void (await commands.close());
  if ((await commands.get()) !== VALUE) throw new Error("the client read another value");
  if (scenario === "batch") {
    return { run: inFlight(1, async () => expectLength(await commands.batch(), BATCH), BATCH), close };
  }
  if (scenario === "tick") {
    const tick = async (): Promise<void> => {
      const replies: Promise<unknown>[] = [];
      for (let i = 0; i < BATCH; i++) replies.push(commands.get());
      await Promise.all(replies);
    };
    return { run: inFlight(1, tick, BATCH), close };
  }
  if (scenario === "tick 10,000") {
    const tick = (): Promise<unknown> => Promise.all(Array.from({ length: 10_000 }, () => commands.get()));
    return { run: inFlight(1, tick), close };
  }
  if (scenario === "range") {
    return { run: inFlight(1, async () => expectLength(await commands.range(), ELEMENTS)), close };
  }
  const callers = IN_FLIGHT[scenario];
  if (callers === undefined) throw unknownScenario(scenario);
  return { run: inFlight(callers, () => commands.get()), close };
}

function expectLength(list: readonly unknown[], length: number): void {
  if (list.length !== length) throw new Error(`expected ${length} replies, got ${list.length}`);
}
