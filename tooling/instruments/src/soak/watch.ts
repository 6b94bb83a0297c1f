// The watchdog of a soak: every call that is begun must settle before its deadline, and with an outcome that is told
// honestly. Keeps one byte for each call, so that memory tells about the clients and not about this.

import { isLandlineError } from "@landline/core";

/** What a call came to. `unknown` holds aborts as well: they tell nothing of what the server did. */
export type Verdict = "done" | "unsent" | "refused" | "unknown";

const VERDICTS: readonly Verdict[] = ["done", "unsent", "refused", "unknown"];

/** The fate of calls that leave a mark at a server, by their number. */
export class Ledger {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  /** The next number. */
  next(): number {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#length++;
  }

  get length(): number {
    return this.#length;
  }

  set(id: number, verdict: Verdict): void {
    this.#bytes[id] = VERDICTS.indexOf(verdict) + 1;
  }

  get(id: number): Verdict | undefined {
    return VERDICTS[(this.#bytes[id] as number) - 1];
  }
}

interface Running {
  readonly name: string;
  readonly deadline: number;
}

/** Follows calls. */
export class Watch {
  readonly counts = new Map<string, number>();
  readonly failures: string[] = [];
  readonly #running = new Set<Running>();

  /** How many calls have not settled. */
  get running(): number {
    return this.#running.size;
  }

  /** Something that must not be. */
  fail(what: string): void {
    if (this.failures.length < 50) this.failures.push(what);
  }

  /** Runs a call that must settle within `deadline` ms, and tells its verdict. A failure of an unexpected kind is noted. */
  async call(name: string, deadline: number, start: () => Promise<unknown>): Promise<Verdict> {
    const running = { name, deadline: performance.now() + deadline };
    this.#running.add(running);
    let verdict: Verdict = "done";
    let label = "done";
    try {
      await start();
    } catch (error) {
      ({ verdict, label } = judge(error));
      if (label.startsWith("unexpected")) this.fail(`${name}: ${label}\n${String((error as Error)?.stack ?? error)}`);
    }
    this.#running.delete(running);
    if (performance.now() > running.deadline) this.fail(`${name} took longer than ${deadline} ms to settle (${label})`);
    const key = `${name} ${label}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    return verdict;
  }

  /** Notes calls that are over their deadline, once each. */
  check(): void {
    const now = performance.now();
    for (const running of this.#running) {
      if (now <= running.deadline) continue;
      this.#running.delete(running);
      this.fail(`${running.name} has not settled within its deadline`);
    }
  }
}

/** The reason with which the soak aborts. */
export const ABORTED: Error = new Error("aborted by the soak");

/** A reply that belongs to somebody else, or half of a transaction. */
export class WrongAnswer extends Error {}

/** What a transaction of the soak throws to be rolled back. */
export const ROLLED_BACK: Error = new Error("rolled back by the soak");

function judge(error: unknown): { verdict: Verdict; label: string } {
  if (error === ABORTED) return { verdict: "unknown", label: "aborted" };
  if (error === ROLLED_BACK) return { verdict: "refused", label: "rolled back" };
  if (isLandlineError(error)) return { verdict: error.outcome, label: `${error.outcome} ${error.code}` };
  return { verdict: "unknown", label: `unexpected ${String(error)}` };
}
