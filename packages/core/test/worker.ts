// A Worker with a pool at module scope, and one with a Durable Object that keeps its connections: what users write.

import { DurableObject } from "cloudflare:workers";
import { connect, dial, isLandlineError } from "../src/index.ts";
import type { Socket, Transport } from "../src/index.ts";
import { Pool } from "../src/pool/index.ts";
import type { PoolHooks } from "../src/pool/index.ts";

let port = 0;
let made = 0;

/** Timers that are armed, of whichever request, and how many have rung. Requests that end take theirs with them, unseen. */
const armed = new Set<unknown>();
let rung = 0;
watchTimers();

const hooks: PoolHooks<Transport> = {
  create(signal) {
    made++;
    return dial({ hostname: "localhost", port }, { signal });
  },
  destroy: (transport) => void transport.close(),
};
const pool = new Pool<Transport>(hooks, { max: 2 });
const brief = new Pool<Transport>(hooks, { max: 2, idleTimeout: 30 });

/** Has whatever sets a timer counted. */
function watchTimers(): void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const counted = (fire: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown => {
    const timer: unknown = set(() => {
      armed.delete(timer);
      rung++;
      fire(...args);
    }, ms);
    armed.add(timer);
    return timer;
  };
  const forgotten = (timer: unknown): void => {
    armed.delete(timer);
    clear(timer as never);
  };
  Object.assign(globalThis, { setTimeout: counted, clearTimeout: forgotten });
}

async function ping(text: string, from: Pool<Transport> = pool): Promise<string> {
  return from.use(async (transport) => {
    transport.writer.utf8(text);
    let answer = "";
    while (answer.length < text.length) answer += new TextDecoder().decode(await transport.pull());
    return answer;
  });
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  port = Number(url.searchParams.get("port"));
  const times = Number(url.searchParams.get("times") ?? "1");
  if (url.searchParams.has("dials")) return dials(Number(url.searchParams.get("dials")));
  if (url.searchParams.has("cut")) return cut();
  if (url.searchParams.has("keep")) return keep(url.searchParams.has("hold"));
  if (url.searchParams.has("until-kept")) return untilKept();
  if (url.searchParams.has("kept")) return stray();
  if (url.searchParams.has("brief")) return leftIdle(url.searchParams.has("wait"));
  const turns = Number(url.searchParams.get("turns") ?? "0");
  try {
    for (let turn = 0; turn < turns; turn++) await ping(`turn ${turn}`);
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) => ping(`${url.searchParams.get("say")}${index}`)),
    );
    return Response.json({ answers, made });
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 });
  }
}

/** Ends the request while it holds all connections that it may have, waits for one more, and has bytes on the way. */
async function cut(): Promise<Response> {
  const leases = await Promise.all([pool.acquire(), pool.acquire()]);
  for (const { resource } of leases) resource.writer.utf8("nobody hears the answer");
  const waiting = pool.acquire();
  waiting.catch(() => {});
  return Response.json({ ...pool.stats() });
}

/** Two transports that are left lying about for other requests, which is the mistake that a pool is there for. */
let strays: readonly Transport[] = [];

/** Makes them; with `hold` this request ends only when another has taken them. */
async function keep(hold: boolean): Promise<Response> {
  const two = [0, 1].map(() => dial({ hostname: "localhost", port }));
  strays = await Promise.all(two);
  for (const transport of strays) transport.writer.utf8("x");
  for (const transport of strays) await transport.pull();
  while (hold && strays.length > 0) await scheduler.wait(10);
  return Response.json({});
}

async function untilKept(): Promise<Response> {
  while (strays.length === 0) await scheduler.wait(10);
  return Response.json({});
}

/** Takes them, and tells what becomes of a pull and of a sink. */
async function stray(): Promise<Response> {
  const [first, second] = strays as [Transport, Transport];
  first.writer.utf8("y");
  first.write(new Uint8Array(10_000));
  const pulled = await told(first.pull({ timeout: 2_000 }));
  const failed = new Promise((_, reject) => second.receive({ data: () => {}, end: () => {}, error: reject }));
  const received = await told(Promise.race([failed, scheduler.wait(2_000)]));
  for (const transport of strays) transport.abort();
  strays = [];
  return Response.json({ told: { pulled, received } });
}

async function told(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing";
  } catch (error) {
    return isLandlineError(error) ? `${error.name} ${error.code} ${error.outcome}` : String(error);
  }
}

/** Uses a connection and leaves it idle for longer than it may be, here or after the end of the request. */
async function leftIdle(wait: boolean): Promise<Response> {
  const before = rung;
  const others = new Set(armed);
  const own = (): number => armed.difference(others).size;
  await ping("x", brief);
  const after = own();
  if (wait) await retired();
  return Response.json({ after, armed: own(), rung: rung - before, ...brief.stats() });
}

/** Looks until the idle one is gone. The timer of the look is not counted: it is the scheduler's. */
async function retired(): Promise<void> {
  while (brief.stats().idle > 0) await scheduler.wait(10);
}

/** Dials so many at once, and tells how many were in the making at any time, and how many came about. */
async function dials(count: number): Promise<Response> {
  let now = 0;
  let most = 0;
  const dialled = await Promise.allSettled(
    Array.from({ length: count }, () =>
      dial(
        { hostname: "localhost", port },
        {
          connectTimeout: 2_000,
          connect(address, options) {
            most = Math.max(most, ++now);
            const socket = connect(address, options);
            void socket.opened.then(() => now--);
            return socket;
          },
        },
      ),
    ),
  );
  const transports = dialled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await Promise.all(transports.map((transport) => transport.close()));
  return Response.json({ most, came: transports.length });
}

export class Keeper extends DurableObject {
  override fetch(request: Request): Promise<Response> {
    return answer(request);
  }
}

/** The platform's: its waits are no timers of ours. */
declare const scheduler: { wait(ms: number): Promise<void> };

interface Env {
  readonly KEEPER: {
    getByName(name: string): { fetch(url: string): Promise<Response> };
  };
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    const object = new URL(request.url).searchParams.get("object");
    return object === null ? answer(request) : env.KEEPER.getByName(object).fetch(request.url);
  },
  /** Takes connections that come over a binding. Echoes. */
  async connect(socket: Socket): Promise<void> {
    await socket.readable.pipeTo(socket.writable);
  },
};
