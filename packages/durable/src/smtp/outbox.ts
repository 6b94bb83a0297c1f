// outbox(): the Worker's side of an outbox.

import type { Message } from "@landline/smtp";
import type { PoolNamespace } from "../binding.ts";
import { reviveError } from "../error-data.ts";
import { Shards, type Shard, type ShardOptions } from "../shards.ts";
import { composed } from "./body.ts";
import { lost } from "./client.ts";
import { smtpErrors } from "./errors.ts";
import type { SmtpOutbox } from "./outbox-object.ts";
import type { StoredMail } from "./outbox-rows.ts";
import { RPC_VERSION } from "./rpc.ts";

/** Options of {@link Outbox.send}. */
export interface OutboxSendOptions {
  /** Who sends twice under one id has one mail: for callers that cannot tell whether their first call came through. */
  readonly id?: string | undefined;
  /** Milliseconds to wait before the first attempt. Default 0. */
  readonly after?: number | undefined;
}

/** Mails that are kept until they are delivered. */
export interface Outbox {
  /**
   * Stores a mail, and resolves once it is: it is sent then, also if this Worker ends. Returns its id.
   * @throws TypeError for a message that cannot be written; ClosedError (outcome `unknown`) when the object did not answer.
   */
  send(message: Message, options?: OutboxSendOptions): Promise<string>;
  /** What has become of it, recipient by recipient. */
  mail(id: string): Promise<StoredMail | undefined>;
  /** The last mails. */
  mails(limit?: number): Promise<StoredMail[]>;
  /** The owner's choice: sends to those again of whom it is not known whether they have it, or who were given up. */
  retry(id: string): Promise<boolean>;
  /** Gives up what has not been sent. */
  cancel(id: string): Promise<boolean>;
  /** How many recipients there are of each fate. */
  stats(): Promise<Record<string, number>>;
}

type Remote = Pick<SmtpOutbox, "submit" | "mail" | "mails" | "retry" | "cancel" | "stats">;

/**
 * An outbox, which a Durable Object of its own keeps. One object by name; use several names for more than some hundred mails
 * a second.
 *
 * @throws TypeError when the binding or an option is not valid.
 *
 * @example
 * const id = await outbox(env.OUTBOX).send({ from: "me@a.example", to: "ann@b.example", subject: "Hello", text: "…" });
 */
export function outbox(binding: PoolNamespace, options: Omit<ShardOptions, "shards"> = {}): Outbox {
  const shards = new Shards(binding, options, { name: "outbox", binding: "env.OUTBOX" });
  const [shard] = shards.all as [Shard];
  const call = async <T>(make: (remote: Remote) => Promise<T>): Promise<T> => {
    try {
      return await make(shard.stub() as Remote);
    } catch (error) {
      throw lost(error);
    }
  };
  return {
    send: async (message, { id = crypto.randomUUID(), after = 0 } = {}) => {
      if (typeof id !== "string" || id === "") throw new TypeError("id must be a string that is not empty");
      if (!(after >= 0 && after < Infinity)) throw new TypeError("after must be a number of milliseconds");
      const { mail, body } = composed(message);
      const { value, error } = await call((remote) => remote.submit(RPC_VERSION, id, mail, body, after));
      if (error !== undefined) throw reviveError(error, smtpErrors);
      return value as string;
    },
    mail: (id) => call((remote) => remote.mail(id)),
    mails: (limit) => call((remote) => remote.mails(limit)),
    retry: (id) => call((remote) => remote.retry(id)),
    cancel: (id) => call((remote) => remote.cancel(id)),
    stats: () => call((remote) => remote.stats()),
  };
}
