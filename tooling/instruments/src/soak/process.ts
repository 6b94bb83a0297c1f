// What must hold of the process: memory that does not grow, nothing left open, no rejection that nobody handled.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Watch } from "./watch.ts";

const MEBIBYTE = 1024 * 1024;
/** How much more heap the last third of the samples may show than the first, in MiB: noise, and the loads' own books. */
const ALLOWED_GROWTH = 8;
const FEWEST_SAMPLES = 6;
const HANDLE_TIMEOUT = 5_000;

/** Samples of the heap after a collection. */
export class Memory {
  readonly samples: number[] = [];
  readonly #collect: () => void;

  constructor() {
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc") as () => void;
  }

  /** Collects, and takes the heap's size, in MiB. */
  sample(): void {
    this.#collect();
    this.samples.push(process.memoryUsage().heapUsed / MEBIBYTE);
  }

  /** Holds the last samples against the first, which a few seconds of warming up precede. */
  judge(watch: Watch): void {
    const third = Math.floor(this.samples.length / 3);
    if (this.samples.length < FEWEST_SAMPLES) return;
    const first = median(this.samples.slice(0, third));
    const last = median(this.samples.slice(-third));
    if (last - first > ALLOWED_GROWTH)
      watch.fail(`the heap grew from ${first.toFixed(1)} to ${last.toFixed(1)} MiB: ${this.shown()}`);
  }

  /** The samples for people. */
  shown(): string {
    return this.samples.map((size) => size.toFixed(1)).join(" ");
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Notes what Node reports of the process until the function it returns is called. */
export function listen(watch: Watch): () => void {
  const onRejection = (reason: unknown): void => watch.fail(`unhandled rejection: ${told(reason)}`);
  const onException = (error: unknown): void => watch.fail(`uncaught exception: ${told(error)}`);
  const onWarning = (warning: Error): void => watch.fail(`warning: ${told(warning)}`);
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);
  process.on("warning", onWarning);
  return () => {
    process.off("unhandledRejection", onRejection);
    process.off("uncaughtException", onException);
    process.off("warning", onWarning);
  };
}

/** Notes what keeps the process alive that was not there `before`, once it has had time to go. */
export async function noHandleLeft(
  before: readonly string[],
  watch: Watch,
  timeout: number = HANDLE_TIMEOUT,
): Promise<void> {
  const until = performance.now() + timeout;
  let left = beyond(before);
  while (left.length > 0 && performance.now() < until) {
    await new Promise((resolve) => setImmediate(resolve));
    left = beyond(before);
  }
  if (left.length > 0) watch.fail(`left open: ${left.join(", ")}`);
}

/** Every kind of handle by its name, as often as it is there. */
export function handles(): string[] {
  return process.getActiveResourcesInfo();
}

function beyond(before: readonly string[]): string[] {
  const known = [...before];
  return handles().filter((name) => {
    const at = known.indexOf(name);
    if (at >= 0) known.splice(at, 1);
    return at < 0 && name !== "Immediate";
  });
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
