// What the platform and the network do, for tests: a gate for connections in the making, connections that fall silent; and a
// count of the timers that keep an object awake.

import { connect, type Connector, type Socket } from "@landline/core";

/** How many connections an object may have in the making. The next one waits, here for ever. */
const GATE = 6;

/** What has been seen since the start. */
export const seen = { dialling: 0, mostDialling: 0, beyondGate: 0 };

/** Connections that go through the gate. */
export const gated: Connector = (address, options) => {
  seen.dialling++;
  seen.mostDialling = Math.max(seen.mostDialling, seen.dialling);
  if (seen.dialling > GATE) seen.beyondGate++;
  const socket = connect(address, options);
  const leave = (): void => void seen.dialling--;
  socket.opened.then(leave, leave);
  return socket;
};

const deaf = new Set<string>();

/** From now on, connections of {@link holed} carry nothing, and say nothing of it. */
export function deafen(name: string): void {
  deaf.add(name);
}

/** And new ones do again: the old ones stay as they are. */
export function hear(name: string): void {
  deaf.delete(name);
}

/** Connections in the clear that may fall silent. */
export function holed(name: string): Connector {
  return (address, options) => {
    const socket = connect(address, options);
    let lost = false;
    const pass = (): TransformStream<Uint8Array, Uint8Array> =>
      new TransformStream({
        transform: (chunk, controller) => {
          lost ||= deaf.has(name);
          if (!lost) controller.enqueue(chunk);
        },
      });
    const up = pass();
    up.readable.pipeTo(socket.writable).catch(() => {});
    const readable = socket.readable.pipeThrough(pass());
    return {
      readable,
      writable: up.writable,
      opened: socket.opened,
      closed: socket.closed,
      upgraded: false,
      secureTransport: "off",
      startTls: () => socket.startTls(),
      close: () => socket.close(),
    } as Socket;
  };
}

interface ArmedTimer {
  readonly timer: unknown;
  /** Throws in every other I/O context than the one that armed it. */
  readonly home: { readonly readyState: number };
}

/** Timers of the isolate, which a Worker and its objects share here. Those of requests that have ended stay. */
const armed = new Set<ArmedTimer>();
const { setTimeout: arm, clearTimeout: disarm } = globalThis;

function isHere({ home }: ArmedTimer): boolean {
  try {
    return home.readyState >= 0;
  } catch {
    return false;
  }
}

/** How many timers are armed in the object, or in the request, that asks. */
export function armedTimers(): number {
  return [...armed].filter(isHere).length;
}

/** Counts timers from now on. */
export function countTimers(): void {
  const { WebSocketPair } = globalThis as unknown as { WebSocketPair: new () => ArmedTimer["home"][] };
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer: unknown = arm(() => {
      armed.delete(one);
      run(...args);
    }, ms);
    const one: ArmedTimer = { timer, home: new WebSocketPair()[0] as ArmedTimer["home"] };
    armed.add(one);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer: ReturnType<typeof setTimeout> | undefined) => {
    for (const one of armed) if (one.timer === timer && isHere(one)) armed.delete(one);
    disarm(timer);
  }) as typeof clearTimeout;
}
