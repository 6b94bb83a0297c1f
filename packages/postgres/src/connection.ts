// A session over a Transport of our own: dialling, the deadline over all of it, the wiring to a Conversation, and the
// CancelRequest that goes over a second connection with the same security.

import { ClosedError, dial, TimeoutError, TlsError, type CloseInfo, type Transport } from "@landline/core";
import { Conversation, type Line } from "./conversation.ts";
import { handshake, requestTls, type Greeting } from "./handshake.ts";
import type { Settings } from "./options.ts";
import { cancelRequest, terminate } from "./protocol/encoder.ts";
import { Statements } from "./statements.ts";

/** A live connection: the session, and its end. */
export class Connection {
  readonly session: Conversation;
  readonly #transport: Transport;

  constructor(session: Conversation, transport: Transport) {
    this.session = session;
    this.#transport = transport;
  }

  /** Says goodbye and closes; bounded, always settles. */
  close(): Promise<CloseInfo> {
    if (this.session.alive && this.session.idle) terminate(this.#transport.writer);
    this.session.end(new ClosedError("the connection was closed", { code: "CLOSED", outcome: "unsent" }));
    return this.#transport.close();
  }
}

/** A transport that has logged in, and what the server said on the way. */
export interface Login {
  readonly transport: Transport;
  readonly greeting: Greeting;
}

/** {@link logIn}, with a conversation on top. */
export async function openConnection(settings: Settings, signal?: AbortSignal): Promise<Connection> {
  const { transport, greeting } = await logIn(settings, signal);
  return converse(transport, settings, greeting);
}

/**
 * Dials, secures and logs in, within `connectTimeout`.
 * @throws ConnectError, TlsError, TimeoutError, PostgresError, ProtocolError, or the signal's own reason.
 */
export async function logIn(settings: Settings, signal?: AbortSignal): Promise<Login> {
  const startedAt = Date.now();
  const transport = await dialServer(settings, settings.connectTimeout, signal);
  const remaining = Math.max(1, settings.connectTimeout - (Date.now() - startedAt));
  const { hostname, port } = settings.address;
  const late = new TimeoutError(`the login at ${hostname}:${port} was not done within ${settings.connectTimeout} ms`, {
    code: "TIMEOUT",
    outcome: "unsent",
  });
  const timer = setTimeout(() => transport.abort(late), Math.min(remaining, 0x7fff_ffff));
  const onAbort = (): void => transport.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const greeting = await handshake(transport, settings);
    signal?.throwIfAborted();
    return { transport, greeting };
  } catch (error) {
    transport.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Joins a transport that has been greeted with a conversation. Cancellations dial anew, by `settings`. */
export function converse(transport: Transport, settings: Settings, greeting: Greeting): Connection {
  const { processId, secretKey } = greeting;
  const secure = transport.info.secure;
  const cancel = secretKey === undefined ? undefined : () => sendCancel(settings, secure, processId ?? 0, secretKey);
  const line: Line = {
    get writer() {
      return transport.writer;
    },
    cancel,
    flow: {
      pause: () => transport.pause(),
      resume: () => transport.resume(),
      drained: () => transport.drained(),
    },
    abort: (reason) => transport.abort(reason),
  };
  const session = new Conversation(line, {
    ...greeting,
    statements: settings.maxStatements > 0 ? new Statements(settings.maxStatements) : undefined,
    cancelTimeout: settings.cancelTimeout,
  });
  if (settings.onNotice !== undefined) session.listeners.notice = settings.onNotice;
  transport.receive({
    data: (chunk) => session.data(chunk),
    end: () => {
      session.end(new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" }));
      void transport.close();
    },
    error: (cause) => session.end(cause),
  });
  return new Connection(session, transport);
}

function dialServer(settings: Settings, connectTimeout: number, signal: AbortSignal | undefined): Promise<Transport> {
  return dial(settings.address, {
    tls: settings.tls,
    ...settings.tlsOptions,
    negotiate: requestTls,
    connectTimeout,
    signal,
    connect: settings.connect,
  });
}

/**
 * Sends a CancelRequest as securely as the session itself is, and waits for the server to close: then the cancellation has
 * been passed on and cannot hit a later query.
 */
export async function sendCancel(
  settings: Settings,
  secure: boolean,
  processId: number,
  secretKey: Uint8Array,
): Promise<void> {
  const transport = await dialServer(settings, settings.cancelTimeout, undefined);
  // `prefer` may get less the second time, and the key must not go where the session did not.
  if (secure && !transport.info.secure) {
    transport.abort();
    throw new TlsError("the server declined TLS for a cancellation", { code: "TLS_DECLINED", outcome: "unsent" });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    transport.abort();
  }, settings.cancelTimeout);
  try {
    cancelRequest(transport.writer, processId, secretKey);
    while ((await transport.pull()) !== undefined);
  } catch (error) {
    // The server passes the request on and ends without a word, which workerd takes for a failed handshake. However it
    // ended, nothing can strike any more; if the request got lost, the session's own bound takes care of it.
    if (late) throw error;
  } finally {
    clearTimeout(timer);
    void transport.close();
  }
}
