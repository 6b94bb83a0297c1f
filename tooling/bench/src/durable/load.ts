// A load generator in a process of its own: requests to one Worker, either by so many callers, each of which waits for its
// answer, or at a rate, whatever comes back. Latencies at a rate count from when a request was due, not from when it left.

import { Agent, request } from "node:http";

/** One round. */
export interface Load {
  readonly url: string;
  readonly ms: number;
  /** Callers that wait. Or: */
  readonly callers?: number;
  /** Requests per second. */
  readonly rate?: number;
  /** At a rate: every so manyth request goes here instead, and is not counted. */
  readonly aside?: { readonly url: string; readonly each: number };
  /** Milliseconds after which an answer is of no use. */
  readonly deadline?: number;
}

/** What came of it. */
export interface Loaded {
  /** Answers with status 200, within the deadline. */
  readonly good: number;
  readonly bad: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstError: string | undefined;
}

const agent = new Agent({ keepAlive: true, maxSockets: 2_000, noDelay: true } as ConstructorParameters<
  typeof Agent
>[0]);

process.on("disconnect", () => process.exit());
process.on("message", (load: Load) => {
  if (!("url" in load)) return void process.send?.("ready");
  void run(load).then((loaded) => process.send?.(loaded));
});

async function run({ url, ms, callers, rate, aside, deadline = Infinity }: Load): Promise<Loaded> {
  const times: number[] = [];
  let bad = 0;
  let firstError: string | undefined;
  const start = performance.now();
  const end = start + ms;
  const one = async (to: string, due: number, counts: boolean): Promise<void> => {
    const error = await ask(to);
    const took = performance.now() - due;
    if (!counts) return;
    if (error === undefined && took <= deadline) times.push(took);
    else {
      bad++;
      firstError ??= error ?? "too late";
    }
  };
  if (callers !== undefined) {
    const caller = async (): Promise<void> => {
      while (performance.now() < end) await one(url, performance.now(), true);
    };
    await Promise.all(Array.from({ length: callers }, caller));
  } else if (rate !== undefined) {
    const all: Promise<void>[] = [];
    const gap = 1_000 / rate;
    for (let sent = 0; start + sent * gap < end;) {
      const now = performance.now();
      for (; start + sent * gap <= now && start + sent * gap < end; sent++) {
        const slow = aside !== undefined && sent % aside.each === aside.each - 1;
        all.push(one(slow ? aside.url : url, start + sent * gap, !slow));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(all);
  }
  const elapsedMs = performance.now() - start;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { good: times.length, bad, elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99), firstError };
}

/** Why it is of no use, or nothing. */
function ask(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(response.statusCode === 200 ? undefined : text.slice(0, 200)));
      response.on("error", (error) => resolve(String(error)));
    });
    sent.setTimeout(30_000, () => sent.destroy(new Error("no answer")));
    sent.on("error", (error) => resolve(String(error)));
    sent.end();
  });
}
