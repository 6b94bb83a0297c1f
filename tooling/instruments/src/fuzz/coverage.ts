// Which blocks of the packages' source a run has reached, from V8's own precise coverage: no instrumented build, no native
// addon. Reading it takes milliseconds, so that it is read for many inputs at once, and for one only when those were new.

import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";

/** Follows coverage. One at a time in a process. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** How many different blocks, by the magnitude of their count, have been reached. */
  get reached(): number {
    return this.#seen.size;
  }

  /** How many blocks were reached since the last call that never were before. `keep: false` does not remember them. */
  take({ keep }: { readonly keep: boolean }): number {
    let fresh = 0;
    for (const script of this.#read()) {
      if (!script.url.includes("/packages/")) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          // One more time through a loop is nothing new; twice as often is.
          const key = `${script.scriptId}:${startOffset}:${endOffset}:${Math.min(4, 32 - Math.clz32(count))}`;
          if (this.#seen.has(key)) continue;
          fresh++;
          if (keep) this.#seen.add(key);
        }
      }
    }
    return fresh;
  }

  close(): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  #read(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    // The answer comes before post() returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      scripts = answer.result;
    });
    return scripts;
  }
}
