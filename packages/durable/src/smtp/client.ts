// durableSmtp(): the client of @landline/smtp, over the warm sessions of a pool object. Messages are composed here.

import { ClosedError, LandlineError, Observation, PoolError, type Observer } from "@landline/core";
import type { CallOptions, Message, Receipt, SmtpClient } from "@landline/smtp";
import { observeSend } from "@landline/smtp";
import type { PoolNamespace } from "../binding.ts";
import { reviveError } from "../error-data.ts";
import { Shards, type ShardOptions } from "../shards.ts";
import { composed } from "./body.ts";
import { smtpErrors } from "./errors.ts";
import { RPC_VERSION, type RemoteMailer } from "./rpc.ts";

/** Options of {@link durableSmtp}. */
export interface DurableSmtpOptions extends ShardOptions {
  /** Hears of messages; see `@landline/core/tracing`. The object's own `observe` hears of connections. Default: nobody. */
  readonly observe?: Observer | undefined;
}

/**
 * A client for one mail server, whose sessions a Durable Object keeps. Does nothing until it is used, so that it may be made
 * at module scope. Waits as long as the object's own deadlines say.
 *
 * @throws TypeError when the binding or an option is not valid.
 *
 * @example
 * const mail = durableSmtp(env.MAIL);
 * await mail.send({ from: "me@a.example", to: "ann@b.example", subject: "Hello", text: "…" });
 */
export function durableSmtp(binding: PoolNamespace, options: DurableSmtpOptions = {}): SmtpClient {
  return new Client(new Shards(binding, options, { name: "durableSmtp", binding: "env.MAIL" }), options.observe);
}

class Client implements SmtpClient {
  readonly #shards: Shards;
  readonly #observation: Observation;
  #closed = false;

  constructor(shards: Shards, observer: Observer | undefined) {
    this.#shards = shards;
    this.#observation = new Observation("send", observer, { "messaging.system": "smtp", ...shards.attributes });
  }

  async send(message: Message, { signal }: CallOptions = {}): Promise<Receipt> {
    const { mail, body } = composed(message);
    signal?.throwIfAborted();
    return observeSend(this.#observation, mail, async () => {
      const id = crypto.randomUUID();
      const { receipt, error } = await this.#call(signal, id, (object) => object.send(RPC_VERSION, id, mail, body));
      if (error !== undefined) throw reviveError(error, smtpErrors);
      return receipt as Receipt;
    });
  }

  async verify({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const error = await this.#call(signal, undefined, (object) => object.verify(RPC_VERSION));
    if (error !== undefined) throw reviveError(error, smtpErrors);
  }

  end(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /** @throws ClosedError (outcome `unknown`) when there is no answer; the signal's own reason. */
  #call<T>(
    signal: AbortSignal | undefined,
    id: string | undefined,
    make: (object: RemoteMailer) => Promise<T>,
  ): Promise<T> {
    if (this.#closed)
      return Promise.reject(new PoolError("this client has been ended", { code: "POOL_CLOSED", outcome: "unsent" }));
    const shard = this.#shards.pick();
    const object = shard.stub() as RemoteMailer;
    const told = this.#shards.begin(shard);
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal?.reason as Error);
        if (id !== undefined) object.cancel(id).catch(() => {});
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      make(object)
        .then(resolve, (error: unknown) => reject(lost(error)))
        .finally(() => {
          told();
          signal?.removeEventListener("abort", onAbort);
        });
    });
  }
}

/** What the platform throws leaves a doubt. */
export function lost(cause: unknown): LandlineError {
  if (cause instanceof LandlineError) return cause;
  return new ClosedError(
    "the object was reset, deployed anew, or could not be reached, and what it was asked may or may not have been done",
    {
      code: "CONNECTION_LOST",
      outcome: "unknown",
      cause,
    },
  );
}
