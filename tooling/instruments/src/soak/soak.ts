// A soak: mixed load on all three clients through the proxy for a chosen time, and then the reckoning. The same seed gives
// the same weather and the same choices; what the network makes of them differs from run to run.

import { seededRandom } from "@landline/core/testing";
import { type FaultProxy, startProxy } from "@landline/core/testing/proxy";
import type { Services } from "@landline/services";
import { type Load, type LoadOptions, PostgresLoad } from "./postgres.ts";
import { handles, listen, Memory, noHandleLeft } from "./process.ts";
import { RedisLoad } from "./redis.ts";
import { SmtpLoad } from "./smtp.ts";
import { Watch } from "./watch.ts";
import { weather } from "./weather.ts";

/** What to soak, and how long. */
export interface SoakOptions {
  readonly services: Services;
  readonly seconds: number;
  readonly seed: number;
  /** Called every second. */
  readonly tick?: (state: { readonly seconds: number; readonly calls: number; readonly running: number }) => void;
}

/** What a soak saw. */
export interface SoakReport {
  /** Calls by client, kind and outcome. */
  readonly counts: ReadonlyMap<string, number>;
  /** Connections and bytes, by proxy. */
  readonly proxies: Readonly<Record<string, { readonly connections: number; readonly bytes: number }>>;
  /** The heap in MiB, after collections. */
  readonly heap: readonly number[];
  /** Why it failed; empty when it did not. */
  readonly failures: readonly string[];
}

interface Part {
  readonly name: string;
  readonly load: Load;
  readonly proxy: FaultProxy;
  /** How many steps run side by side. */
  readonly workers: number;
}

/** Milliseconds for everything to settle once no more is begun. */
const SETTLE = 40_000;
const END = 15_000;
const RECKONING = 30_000;
const SAMPLE_SECONDS = 3;

/** Runs a soak. Rejects only when it could not be set up. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const watch = new Watch();
  const memory = new Memory();
  const before = handles();
  const quiet = listen(watch);
  const parts = await partsOf(options, watch);
  await fetch(options.services.smtp.mailUrl, { method: "DELETE" });
  for (const { load } of parts) await load.prepare();

  const until = performance.now() + options.seconds * 1_000;
  let second = 0;
  const clock = setInterval(() => {
    second++;
    watch.check();
    if (performance.now() < until && second % SAMPLE_SECONDS === 0) memory.sample();
    const calls = [...watch.counts.values()].reduce((sum, count) => sum + count, 0);
    options.tick?.({ seconds: second, calls, running: watch.running });
  }, 1_000);
  const storm = blow(parts, options.seed, until);
  const work = Promise.all(
    parts.flatMap(({ load, workers }) => Array.from({ length: workers }, () => drive(load, until))),
  );
  await within(watch, "the load", options.seconds * 1_000 + SETTLE, work);
  await storm;
  for (const { name, load } of parts) await within(watch, `the end of ${name}`, END, load.end());
  clearInterval(clock);
  watch.check();

  const proxies: Record<string, { connections: number; bytes: number }> = {};
  for (const { name, proxy } of parts) {
    const { connections, bytesToServer, bytesToClient } = proxy.stats();
    proxies[name] = { connections, bytes: bytesToServer + bytesToClient };
    await within(watch, `the proxy of ${name}`, END, proxy.close());
  }
  for (const { name, load } of parts) await within(watch, `the reckoning of ${name}`, RECKONING, load.reckon());
  memory.judge(watch);
  await noHandleLeft(before, watch);
  quiet();
  return { counts: watch.counts, proxies, heap: memory.samples, failures: watch.failures };
}

interface Plan {
  readonly kind: string;
  readonly name: "tls" | "clear";
  readonly url: string;
  readonly workers: number;
  readonly make: (options: LoadOptions) => Load;
}

/** Each client twice: over TLS, and in the clear, where what the proxy cuts is what the decoders see. */
async function partsOf({ services, seed }: SoakOptions, watch: Watch): Promise<Part[]> {
  const { postgres, redis, smtp, ca } = services;
  const clear = new URL(postgres.url);
  clear.search = "";
  const makeMail = (options: LoadOptions): Load => new SmtpLoad({ ...options, mailUrl: smtp.mailUrl });
  const makeSql = (options: LoadOptions): Load => new PostgresLoad(options);
  const makeKv = (options: LoadOptions): Load => new RedisLoad(options);
  const plans: readonly Plan[] = [
    { kind: "postgres", name: "tls", url: postgres.url, workers: 6, make: makeSql },
    { kind: "postgres", name: "clear", url: clear.href, workers: 6, make: makeSql },
    { kind: "redis", name: "tls", url: redis.tlsUrl, workers: 4, make: makeKv },
    { kind: "redis", name: "clear", url: redis.url, workers: 4, make: makeKv },
    { kind: "smtp", name: "tls", url: smtp.url, workers: 3, make: makeMail },
    { kind: "smtp", name: "clear", url: `smtp://${smtp.hostname}:${smtp.port}?tls=off`, workers: 3, make: makeMail },
  ];
  return Promise.all(
    plans.map(async ({ kind, name, url, workers, make }, stream) => {
      const secure = name === "tls";
      const { hostname, port } = new URL(url);
      const target = { hostname, port: Number(port) };
      const proxy = await startProxy({ target, plan: weather(secure), seed: seed * plans.length + stream });
      const random = seededRandom(seed, stream);
      const load = make({
        name,
        url: through(url, proxy),
        directUrl: url,
        ca: secure ? ca.pem : undefined,
        watch,
        random,
      });
      return { name: `${kind} ${name}`, load, proxy, workers };
    }),
  );
}

/** Now and then everything that is open breaks at once, by the network or by the server. */
async function blow(parts: readonly Part[], seed: number, until: number): Promise<void> {
  const random = seededRandom(seed, parts.length);
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(until - performance.now(), 500 + random() * 3_000)));
    const part = parts[Math.floor(random() * parts.length)];
    if (random() < 0.5) part?.proxy.resetAll();
    else await part?.load.strike();
  }
}

async function drive(load: Load, until: number): Promise<void> {
  while (performance.now() < until) await load.step();
}

/** Waits for `work`, and notes it when that takes too long. */
async function within(watch: Watch, what: string, milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      watch.fail(`${what} has not come to an end within ${milliseconds} ms`);
      resolve();
    }, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** The same URL, by way of the proxy; certificates are for `localhost`, which is where the proxy listens too. */
function through(url: string, proxy: FaultProxy): string {
  const changed = new URL(url);
  changed.port = String(proxy.port);
  return changed.href;
}
