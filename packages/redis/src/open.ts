// From settings to a session that is ready: dial, handshake, one deadline over both.

import { dial, TimeoutError } from "@landline/core";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection.ts";
import { handshake } from "./handshake.ts";
import type { Settings } from "./options.ts";

/**
 * Opens a connection and logs in.
 * @throws What `dial` and `handshake` throw, and TimeoutError when `connectTimeout` passes; the signal's reason.
 */
export async function openConnection(
  settings: Settings,
  signal: AbortSignal,
  more: ConnectionOptions = {},
): Promise<Connection> {
  const { address, tls, tlsOptions, connect, connectTimeout } = settings;
  const deadline = Date.now() + connectTimeout;
  const transport = await dial(address, { ...tlsOptions, tls, connect, connectTimeout, signal });
  const onAbort = (): void => transport.abort(signal.reason);
  const timer = setTimeout(
    () => {
      const message = `the login at ${address.hostname}:${address.port} took more than ${connectTimeout} ms`;
      transport.abort(new TimeoutError(message, { code: "TIMEOUT", outcome: "unsent" }));
    },
    Math.max(0, Math.min(deadline - Date.now(), 0x7fff_ffff)),
  );
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const facts = await handshake(transport, settings.handshake);
    return new Connection(transport, facts, { ...settings.connection, ...more });
  } catch (error) {
    transport.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
