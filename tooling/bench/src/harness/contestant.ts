// What every measured client implements, whichever runtime it runs on. A contestant lives in a process of its own (or a
// workerd of its own), is told a scenario and a target, and repeats one kind of operation for as long as it is asked.

import type { Services } from "@landline/services";

/** Where the servers are. Plain data: it goes to child processes and into workerd as JSON. */
export interface Target {
  readonly services: Services;
  /** Ports on loopback that belong to the benchmark itself: a proxy, a sink, a source. */
  readonly ports: Readonly<Record<string, number>>;
}

/** One round as the contestant saw it. */
export interface Count {
  readonly operations: number;
  readonly elapsedMs: number;
  /** Of single operations, where the scenario asks for them. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** The memory that the round took at its peak, in sizes of what was moved. */
  readonly peak?: number;
}

/** A client that is connected and knows its scenario. */
export interface Trial {
  /** One round of about `budgetMs`. */
  run(budgetMs: number): Promise<Count>;
  close(): Promise<void> | void;
}

/** The module of a client exports one of these as `contestant`. @throws when it does not know the scenario. */
export type Contestant = (scenario: string, target: Target) => Promise<Trial>;

/** Round after round of `operation` by `callers`, each waiting for its own before it goes on. */
export function inFlight(callers: number, operation: () => Promise<unknown>, per = 1): (ms: number) => Promise<Count> {
  return async (budgetMs) => {
    const start = performance.now();
    const end = start + budgetMs;
    let operations = 0;
    const caller = async (): Promise<void> => {
      do {
        await operation();
        operations += per;
      } while (performance.now() < end);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return { operations, elapsedMs: performance.now() - start };
  };
}

/** The same, and how long single operations took. */
export function timed(callers: number, operation: () => Promise<unknown>): (ms: number) => Promise<Count> {
  return async (budgetMs) => {
    const times: number[] = [];
    const count = await inFlight(callers, async () => {
      const start = performance.now();
      await operation();
      times.push(performance.now() - start);
    })(budgetMs);
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    return { ...count, p50Ms: at(0.5), p99Ms: at(0.99) };
  };
}

/** For `default:` of a contestant. */
export function unknownScenario(scenario: string): Error {
  return new Error(`this client does not know the scenario ${scenario}`);
}

/** Scenarios that are a connection and its first result. */
export const FIRST = { clear: "first clear", tls: "first tls", cold: "cold" } as const;

/** Whether a scenario is one of these, over TLS or not. */
export function isFirst(scenario: string): boolean {
  return Object.values<string>(FIRST).includes(scenario);
}

/** Whether a scenario goes over TLS. */
export function isSecure(scenario: string): boolean {
  return scenario === FIRST.tls || scenario === FIRST.cold;
}

/** Each round opens a client and waits for its first result. The client is closed before the next, or at the end. */
export function firstResults<T>(
  open: () => T | Promise<T>,
  first: (client: T) => Promise<unknown>,
  close: (client: T) => unknown,
): Trial {
  let client: T | undefined;
  const closeLast = async (): Promise<void> => {
    const last = client;
    client = undefined;
    if (last !== undefined) await close(last);
  };
  return {
    async run() {
      await closeLast();
      const start = performance.now();
      client = await open();
      await first(client);
      return { operations: 1, elapsedMs: performance.now() - start };
    },
    close: closeLast,
  };
}
