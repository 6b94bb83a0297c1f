// Whether code runs in the I/O context in which a probe was made. On Workers a socket, a timer and a promise belong to one
// request (or one Durable Object), and several are alive in an isolate at a time.
//
// There is no API that tells. What works, synchronously and without AsyncLocalStorage, on the workerd releases of August
// and November 2026: an unaccepted WebSocket belongs to the context that made it, and reading its state elsewhere throws.
// 34 ns where it is at home.

interface Probe {
  readonly readyState: number;
}

/** Makes a probe of the current context: true as long as it is asked in that context. @throws in the global scope. */
export function contextProbe(): () => boolean {
  const { WebSocketPair } = globalThis as unknown as { WebSocketPair: new () => readonly [Probe, Probe] };
  const socket = new WebSocketPair()[0];
  return () => {
    try {
      return socket.readyState >= 0;
    } catch {
      return false;
    }
  };
}

/** How many connections of one context may be waiting to be open: the platform allows six, for fetch() and all bindings too. */
export const MAX_DIALS: number = 4;
