// What a NodeSocket is to those who look at it: which class, and the members that a net.Socket has on its prototype.

import { Socket as NetSocket } from "node:net";
import { Duplex } from "node:stream";

/** There, node:tls takes a socket by its handle; of a stream it makes one that is secure in name only. */
export const TLS_BY_HANDLE: boolean =
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";

/**
 * Elsewhere node:tls speaks TLS over any stream, and waits for ever for the handle of what calls itself a net.Socket. So the
 * class is what the runtime's node:tls can use, and has the same members on each.
 */
export const Base: typeof NetSocket = TLS_BY_HANDLE ? NetSocket : (Duplex as unknown as typeof NetSocket);

/** What Workers do not tell of a connection. */
const UNTOLD = ["remoteFamily", "localAddress", "localPort", "localFamily"] as const;

/** The base class declares these as properties, and has them on its prototype. */
export function defineMembers<S extends NetSocket>(
  prototype: S,
  members: Record<string, (socket: S) => unknown>,
): void {
  const all = { ...members, readyState, ...Object.fromEntries(UNTOLD.map((name) => [name, () => undefined])) };
  for (const [name, read] of Object.entries(all)) {
    Object.defineProperty(prototype, name, {
      get(this: S) {
        return read(this);
      },
      // A driver that keeps its own books on a socket, as postgres does, is not to fail over it.
      set: () => {},
      configurable: true,
    });
  }
}

function readyState({ connecting, readable, writable }: NetSocket): string {
  if (connecting) return "opening";
  if (readable && writable) return "open";
  if (readable) return "readOnly";
  return writable ? "writeOnly" : "closed";
}

/** What the base class has as a plain property. */
export function setConnecting(socket: NetSocket, connecting: boolean): void {
  (socket as { connecting: boolean }).connecting = connecting;
}
