// A session over a Transport of our own: dialling, the deadline over all of it, the wiring to a Conversation, and the
// CancelRequest that goes over a second connection with the same security.

import {
  ClosedError,
  dial,
  TimeoutError,
  TlsError,
  type CloseInfo,
  type Outcome,
  type Transport,
} from "@landline/core";
import { Conversation } from "./conversation.ts";
import { PostgresError } from "./errors.ts";
import { mayGuess, rememberWrongGuess } from "./guesses.ts";
import { handshake, requestTls, WrongGuess, type Greeting } from "./handshake.ts";
import { firstHost } from "./hosts.ts";
import type { Line } from "./line.ts";
import { Login as LoginExchange } from "./login.ts";
import type { Settings } from "./options.ts";
import { cancelRequest, terminate } from "./protocol/encoder.ts";
import { Statements } from "./statements.ts";

/** A live connection: the session, and its end. */
export class Connection {
  readonly session: Conversation;
  /** What an eager login failed with, or `undefined`: once the server has answered it. */
  readonly loggedIn: Promise<unknown>;
  readonly #transport: Transport;

  constructor(session: Conversation, transport: Transport, loggedIn: Promise<unknown>) {
    this.session = session;
    this.loggedIn = loggedIn;
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
  /** With the address of the host that it is, where there are several. Cancellations have to go there. */
  readonly settings: Settings;
}

/**
 * {@link logIn}, with a conversation on top. Where the login may be eager, its end is the conversation's first exchange: what
 * goes wrong with it is then the first query's error.
 */
export async function openConnection(settings: Settings, signal?: AbortSignal): Promise<Connection> {
  const deadline = Date.now() + settings.connectTimeout;
  const handOver = settings.target === "any";
  const login = await firstHost(settings, deadline, (at, by) => logInBy(by, at, { signal, handOver }));
  return converse(login.transport, login.settings, login.greeting, deadline);
}

/**
 * Dials, secures and logs in, within `connectTimeout`.
 * @throws ConnectError, TlsError, TimeoutError, PostgresError, ProtocolError, or the signal's own reason.
 */
export function logIn(settings: Settings, signal?: AbortSignal): Promise<Login> {
  const deadline = Date.now() + settings.connectTimeout;
  return firstHost(settings, deadline, (at, by) => logInBy(by, at, { signal, handOver: false }));
}

interface LogInInit {
  readonly signal: AbortSignal | undefined;
  readonly handOver: boolean;
}

async function logInBy(deadline: number, settings: Settings, init: LogInInit): Promise<Omit<Login, "settings">> {
  const { signal } = init;
  const transport = await dialServer(settings, left(deadline), signal);
  const eager = mayBeEager(settings, transport);
  let late: TimeoutError | undefined;
  let giveUp!: (reason: unknown) => void;
  // A password that is never told would not be interrupted by the end of the transport.
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = (reason) => {
      transport.abort(reason);
      reject(reason as Error);
    };
  });
  const timer = setTimeout(() => giveUp((late = tooLate(settings, "unsent"))), left(deadline));
  const onAbort = (): void => giveUp(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const eagerness = { guess: eager, handOver: eager && init.handOver };
    const greeting = await Promise.race([handshake(transport, settings, eagerness), givenUp]);
    signal?.throwIfAborted();
    return { transport, greeting };
  } catch (error) {
    transport.abort(error);
    // One that swallows a guess is not given another.
    if (eager && ((late !== undefined && error === late) || error instanceof WrongGuess)) rememberWrongGuess(settings);
    if (!(error instanceof WrongGuess)) throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
  signal?.throwIfAborted();
  return logInBy(deadline, settings, init);
}

function mayBeEager(settings: Settings, transport: Transport): boolean {
  const verified = transport.info.secure && settings.tlsOptions.rejectUnauthorized !== false;
  const { eagerLogin = verified, password, auth } = settings;
  const scram = password !== undefined && auth?.includes("scram-sha-256") !== false;
  return eagerLogin && scram && mayGuess(settings);
}

/** For timers, which cannot count to more. */
function left(deadline: number): number {
  return Math.min(Math.max(1, deadline - Date.now()), 0x7fff_ffff);
}

function tooLate({ address, connectTimeout }: Settings, outcome: Outcome): TimeoutError {
  const { hostname, port } = address;
  return new TimeoutError(`the login at ${hostname}:${port} was not done within ${connectTimeout} ms`, {
    code: "TIMEOUT",
    outcome,
  });
}

/**
 * Joins a transport that has been greeted with a conversation. Cancellations dial anew, by `settings`. A login that is not at
 * its end has until `deadline` (milliseconds of `Date.now()`).
 */
export function converse(
  transport: Transport,
  settings: Settings,
  greeting: Greeting,
  deadline: number = Date.now() + settings.connectTimeout,
): Connection {
  let { processId, secretKey } = greeting;
  const secure = transport.info.secure;
  const line: Line = {
    get writer() {
      return transport.writer;
    },
    get cancel() {
      const key = secretKey;
      return key === undefined ? undefined : () => sendCancel(settings, secure, processId ?? 0, key);
    },
    flow: {
      pause: () => transport.pause(),
      resume: () => transport.resume(),
      drained: () => transport.drained(),
    },
    gathers: true,
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
    // What a server says against a login is the error itself of everything behind that: none of it was carried out.
    error: (cause) => (cause instanceof PostgresError ? session.fail(cause) : session.end(cause)),
  });
  let loggedIn = Promise.resolve<unknown>(undefined);
  if (greeting.login !== undefined) {
    let answered!: (error: unknown) => void;
    loggedIn = new Promise((resolve) => (answered = resolve));
    const timer = setTimeout(() => {
      const late = tooLate(settings, "unknown");
      rememberWrongGuess(settings);
      session.fail(late);
      transport.abort(late);
    }, left(deadline));
    const login = new LoginExchange(greeting.login, {
      key: (id, key) => {
        processId = id;
        secretKey = key;
        session.facts.processId = id;
      },
      done: (error) => {
        clearTimeout(timer);
        // The plain order next: a pool learns from it, and waits between its attempts.
        if (error !== undefined) rememberWrongGuess(settings);
        answered(error);
      },
    });
    session.exchange(login, login);
  }
  return new Connection(session, transport, loggedIn);
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
