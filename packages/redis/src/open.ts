// From settings to a session that is ready: dial, handshake, one deadline over both.

import { ClosedError, dial, TimeoutError } from "@landline/core";
import type { Transport } from "@landline/core";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection.ts";
import { Pipeline } from "./flights.ts";
import { handshake } from "./handshake.ts";
import type { Credentials, Settings } from "./options.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Command } from "./protocol/messages.ts";
import type { OwnSession, SessionFacts } from "./session.ts";

/** What a connection is for, beside the settings. */
export interface OpenOptions extends ConnectionOptions {
  /** Whether the server is to tell what changes of that which is read by way of a cache. */
  readonly tracking?: boolean;
}

/** How a client comes by a session: from a server, or from somebody who keeps them. */
export type OpenSession = (signal: AbortSignal, options: OpenOptions) => Promise<OwnSession>;

/** A transport that has logged in, and what the server told about itself. */
export interface Login {
  readonly transport: Transport;
  readonly facts: SessionFacts;
}

/**
 * Opens a connection and logs in.
 * @throws What `dial` and `handshake` throw, and TimeoutError when `connectTimeout` passes; the signal's reason.
 */
export async function openConnection(
  settings: Settings,
  signal: AbortSignal,
  { tracking = false, ...more }: OpenOptions = {},
): Promise<Connection> {
  const { transport, facts } = await logIn(settings, signal);
  const connection = new Connection(transport, facts, { ...settings.connection, ...more });
  const aside: Command[] = [];
  if (tellsLibraries(facts)) aside.push(["CLIENT", "SETINFO", "LIB-NAME", "landline"]);
  if (tracking && facts.protocol === 3) aside.push(["CLIENT", "TRACKING", "ON", "OPTIN"]);
  // Travels with the first commands. Where the server refuses, nothing is cached.
  const orders = aside.map((command) => ({ command, facts: undefined }));
  if (orders.length > 0) connection.exchange(new Pipeline(orders, DEFAULT_FORMAT, ignore, ignore));
  return connection;
}

function ignore(): void {}

/** Dials and logs in, within `connectTimeout`. @throws as {@link openConnection}. */
export async function logIn(settings: Settings, signal: AbortSignal): Promise<Login> {
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
    const login = await loginOf(settings, transport);
    const facts = await handshake(transport, { ...settings.handshake, ...login });
    return { transport, facts };
  } catch (error) {
    transport.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** CLIENT SETINFO is known from 7.2 on; Valkey begins there. */
function tellsLibraries({ server, version = "0" }: SessionFacts): boolean {
  return server === "valkey" || Number.parseFloat(version) >= 7.2;
}

/** What the callback says now, or nothing where there is none. Ends with the transport: it may never answer. */
async function loginOf({ credentials }: Settings, transport: Transport): Promise<Partial<Credentials>> {
  if (credentials === undefined) return {};
  const closed = transport.closed.then(({ cause }) => {
    throw cause ?? new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unsent" });
  });
  const told = await Promise.race([credentials(), closed]);
  const { username, password } = told as Partial<Credentials> & object;
  if (typeof password !== "string" || !["string", "undefined"].includes(typeof username)) {
    throw new TypeError("credentials() must give { password }, and username if there is one, as strings");
  }
  return { username, password };
}
