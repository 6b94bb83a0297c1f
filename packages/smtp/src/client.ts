// What users call: one message in, the fate of each recipient out. Connections come from core's pool.

import { Observation, poolObserver } from "@landline/core";
import { Pool } from "@landline/core/pool";
import type { Connection } from "./connection.ts";
import { refusal, unsent } from "./errors.ts";
import type { Delivery } from "./errors.ts";
import { ask, reset } from "./exchange.ts";
import { handshake } from "./handshake.ts";
import { compose } from "./message/compose.ts";
import type { Circumstances, Composed } from "./message/compose.ts";
import type { Message } from "./message/message.ts";
import { clientAttributes, observeSend } from "./observe.ts";
import { parseOptions } from "./options.ts";
import type { Settings, SmtpOptions } from "./options.ts";
import { isPositive } from "./protocol/messages.ts";
import type { RateLimit } from "./rate.ts";
import { send } from "./send.ts";

/** What became of a message that at least one recipient's server took. */
export interface Receipt extends Delivery {
  /** The message's own id, with angle brackets; "" for a raw message in which none was found. */
  readonly messageId: string;
}

/** Options of one call. */
export interface CallOptions {
  /** Rejects the call with the signal's own reason. A message that was being sent is given up with its connection. */
  readonly signal?: AbortSignal | undefined;
}

/** A mail server, by its connections. */
export interface SmtpClient extends AsyncDisposable {
  /**
   * Sends one message, once: nothing is ever sent again without being asked.
   * @throws TypeError for a message that cannot be written, before anything is sent; SmtpError when the server refuses it
   * or every recipient, or cannot take it; errors with `outcome: "unknown"` when it may have been delivered.
   *
   * @example
   * const { accepted, rejected } = await mail.send({ from: "me@a.example", to: "Ann <ann@b.example>", subject: "Hi", text: "…" });
   */
  send(message: Message, options?: CallOptions): Promise<Receipt>;
  /** Connects anew, logs in, and says goodbye: whether the settings work. @throws what is wrong with them. */
  verify(options?: CallOptions): Promise<void>;
  /** Takes no more messages, lets those under way finish for `timeout` ms (default 5,000), and closes. */
  end(options?: { readonly timeout?: number }): Promise<void>;
}

/**
 * A client for one mail server. Does no I/O until it is used, so that it may be made at module scope.
 * @throws TypeError when the URL or the options cannot be right, saying what to write instead.
 *
 * @example
 * await using mail = smtp("smtps://user:password@smtp.example");
 */
export function smtp(options: string | URL | SmtpOptions): SmtpClient {
  return new Client(parseOptions(options));
}

/** A client that also takes what somebody else has composed. */
export interface Mailer extends SmtpClient {
  /** As `send()`, for a message that `compose()` of `@landline/smtp/message` has made. */
  deliver(composed: Composed, options?: CallOptions): Promise<Receipt>;
}

/** As {@link smtp}, for who keeps messages and brings them composed. */
export function mailer(options: string | URL | SmtpOptions): Mailer {
  return new Client(parseOptions(options));
}

/** Servers hang up on who is refused again and again; a new connection comes before that. */
const MAX_REFUSALS = 8;

const CIRCUMSTANCES: Circumstances = {
  now: () => new Date(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
};

class Client implements Mailer {
  readonly #settings: Settings;
  readonly #connecting: Observation;
  readonly #sending: Observation;
  readonly #pool: Pool<Connection>;
  #overdue: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { commandTimeout, connectTimeout, pool, observe } = settings;
    const attributes = clientAttributes(settings);
    this.#connecting = new Observation("connect", observe, attributes);
    this.#sending = new Observation("send", observe, attributes);
    this.#pool = new Pool<Connection>(
      {
        create: (signal) => this.#connect(signal),
        // A connection comes back before its messages are answered; they are, before it is closed.
        destroy: async (connection) => {
          await Promise.race([connection.settled(), ...(this.#overdue === undefined ? [] : [this.#overdue])]);
          await connection.release();
        },
        isAlive: (connection) => connection.alive && connection.refusals < MAX_REFUSALS,
        validate: (connection) => reset(connection, commandTimeout),
        watch: (connection, died) => connection.watch(died),
      },
      // The handshake keeps its own deadline, and its errors say more.
      { createTimeout: connectTimeout + 1_000, ...pool },
      { observe: poolObserver(observe, attributes) },
    );
  }

  async send(message: Message, options?: CallOptions): Promise<Receipt> {
    return this.deliver(compose(message, CIRCUMSTANCES), options);
  }

  async deliver(composed: Composed, { signal }: CallOptions = {}): Promise<Receipt> {
    const signed = await (this.#settings.dkim?.(composed) ?? composed);
    return observeSend(this.#sending, signed, () => this.#send(signed, signal));
  }

  async #send({ messageId, ...outgoing }: Composed, signal: AbortSignal | undefined): Promise<Receipt> {
    const lease = await this.#pool.acquire({ signal });
    const { commandTimeout: timeout, dataTimeout, chunking, rate } = this.#settings;
    // The pool looks at the connection itself: what is dead is dropped. What has an open transaction is reset by the next
    // message, together with its own commands where it can be.
    const release = (): void => lease.release();
    try {
      // With a connection in hand, so that what was let through is sent now and not all at once later.
      if (rate !== undefined) await waited(lease.resource, rate, signal);
      const limits = { timeout, dataTimeout, chunking, signal };
      return { messageId, ...(await send(lease.resource, outgoing, limits, release)) };
    } finally {
      release();
    }
  }

  async verify({ signal }: CallOptions = {}): Promise<void> {
    const connection = await this.#connect(signal);
    try {
      const { commandTimeout: timeout } = this.#settings;
      const answer = await ask(connection, "noop", "NOOP", { timeout, signal });
      if (!isPositive(answer)) throw refusal("the server refused NOOP", "noop", answer);
    } finally {
      void connection.release();
    }
  }

  #connect(signal: AbortSignal | undefined): Promise<Connection> {
    return this.#connecting.run("connect", () => handshake(this.#settings, signal));
  }

  async end({ timeout = 5_000 }: { readonly timeout?: number } = {}): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#overdue ??= new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
    await this.#pool.drain({ timeout });
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#pool.close();
    return Promise.resolve();
  }
}

/** Nothing was sent yet, whatever happens to the connection meanwhile. */
async function waited(connection: Connection, rate: RateLimit, signal: AbortSignal | undefined): Promise<void> {
  try {
    await connection.during({ phase: "mail", timeout: Infinity, signal, detachable: true }, () => rate.turn());
  } catch (error) {
    throw unsent(error);
  }
}
