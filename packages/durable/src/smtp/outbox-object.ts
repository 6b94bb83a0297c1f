// The Durable Object that is an outbox: a mail is stored before its sender is answered, an attempt is recorded before a byte
// of it leaves, and what a crash has cut off is `unknown` and not sent again, unless the owner has chosen so.

import { DurableObject } from "cloudflare:workers";
import { isLandlineError } from "@landline/core";
import { mailer, SmtpError, type Mailer, type RecipientReply, type SmtpOptions } from "@landline/smtp";
import { durableError } from "../durable-error.ts";
import { errorData, messageOf } from "../error-data.ts";
import { settingsOfObject, versionError } from "../object-settings.ts";
import { checkLifetime, within } from "../within.ts";
import { recomposed } from "./body.ts";
import { smtpErrors } from "./errors.ts";
import { OutboxRows, type Due, type Fate, type StoredMail } from "./outbox-rows.ts";
import { RPC_VERSION, type Mail, type StoredReply } from "./rpc.ts";

/** Options of an outbox: those of `smtp()`, and a few of its own. Times are in milliseconds. */
export interface OutboxOptions extends SmtpOptions {
  /** How long after each failed attempt the next one comes; the last is repeated. Default 1, 5, 15 and 60 minutes, then 4 hours. */
  readonly retryDelays?: readonly number[] | undefined;
  /** How long a mail is tried at all. Default 2 days. */
  readonly maxAge?: number | undefined;
  /** Whether an attempt that a crash has cut off is made again, which may deliver a mail twice. Default `false`. */
  readonly resendUnknown?: boolean | undefined;
  /** How long what is known of a mail is kept once it is done. Default 7 days. */
  readonly keepFor?: number | undefined;
  /** How many mails are sent at once. Default 4. */
  readonly concurrency?: number | undefined;
  /** Told of what becomes of each mail. */
  readonly onChange?: ((mail: StoredMail) => void) | undefined;
}

interface OutboxSettings {
  readonly mailer: Mailer;
  readonly retryDelays: readonly number[];
  readonly maxAge: number;
  readonly resendUnknown: boolean;
  readonly keepFor: number;
  readonly concurrency: number;
  readonly onChange: ((mail: StoredMail) => void) | undefined;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DEFAULT_DELAYS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE];
const LONGEST = Number.MAX_SAFE_INTEGER;
const MOST_LISTED = 1_000;
/** What a mail may have, so that an attempt has room for it in memory. */
const MAX_MAIL_BYTES = 32 * 1024 * 1024;

/**
 * Base class of an outbox. Its class needs SQLite (`new_sqlite_classes`). Export a class of your own and bind it; give the
 * binding to `outbox()`.
 *
 * @example
 * export class OUTBOX extends SmtpOutbox<Env> {
 *   options(env: Env) {
 *     return { url: env.SMTP_URL };
 *   }
 * }
 */
export abstract class SmtpOutbox<Env = unknown> extends DurableObject<Env> {
  #rows: OutboxRows | undefined;
  #settings: OutboxSettings | undefined;
  #running: Promise<void> | undefined;

  constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env) {
    super(ctx, env);
    // RPC reaches what is on the prototype. The options hold credentials, and are nobody's business.
    const options = this.options.bind(this);
    Object.defineProperty(this, "options", { value: options });
  }

  /** Which server, and how. */
  abstract options(env: Env): OutboxOptions;

  /** @internal Stores a mail; what `outbox().send()` calls. */
  async submit(
    version: number,
    id: string,
    mail: Mail,
    body: Uint8Array | ReadableStream<Uint8Array>,
    after: number,
  ): Promise<StoredReply<string>> {
    try {
      if (version !== RPC_VERSION) throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
      const whole = body instanceof Uint8Array ? body : await collected(body);
      if (whole.length > MAX_MAIL_BYTES)
        throw durableError("REPLY_TOO_LARGE", "unsent", `a mail in an outbox has at most ${MAX_MAIL_BYTES} bytes`);
      const rows = this.#opened();
      const now = Date.now();
      rows.add(id, mail, whole, { now, at: now + after });
      await this.#schedule();
      // The answer waits for the storage by itself; this says so.
      await this.ctx.storage.sync();
      return { value: id };
    } catch (error) {
      return { error: errorData(error, smtpErrors, "unsent") };
    }
  }

  /** What is known of one mail. */
  mail(id: string): Promise<StoredMail | undefined> {
    return Promise.resolve(this.#opened().get(id));
  }

  /** The last mails. */
  mails(limit = 100): Promise<StoredMail[]> {
    return Promise.resolve(this.#opened().list(Math.min(limit, MOST_LISTED)));
  }

  /** The owner's choice: sends to those again of whom it is not known whether they have it, or who were given up. */
  async retry(id: string): Promise<boolean> {
    const done = this.#opened().retry(id, Date.now());
    await this.#schedule();
    return done;
  }

  /** Gives up what has not been sent. What is being sent goes on. */
  async cancel(id: string): Promise<boolean> {
    const done = this.#opened().cancel(id, Date.now());
    await this.#schedule();
    return done;
  }

  /** How many recipients there are of each fate. */
  stats(): Promise<Record<string, number>> {
    return Promise.resolve(this.#opened().counts());
  }

  /** @internal The platform calls it, and again if it fails. */
  override async alarm(): Promise<void> {
    // A call that comes while mails are being sent is about what is due later.
    await (this.#running ??= this.#work().finally(() => (this.#running = undefined)));
    await this.#schedule();
  }

  async #work(): Promise<void> {
    const rows = this.#opened();
    const settings = this.#decided();
    for (;;) {
      const due = rows.begin(Date.now(), settings.concurrency);
      if (due.length === 0) break;
      // Nothing leaves before the attempt is on the disk. The platform holds writes to sockets back as well.
      await this.ctx.storage.sync();
      await Promise.all(due.map((one) => this.#attempt(one, settings)));
    }
    rows.purge(Date.now() - settings.keepFor);
  }

  async #attempt({ id, attempt, mail, body, createdAt }: Due, settings: OutboxSettings): Promise<void> {
    const rows = this.#opened();
    const came = await deliver(settings.mailer, mail, body);
    const now = Date.now();
    const { retryDelays, maxAge, onChange } = settings;
    const next = now + (retryDelays[Math.min(attempt, retryDelays.length) - 1] as number);
    rows.end(id, attempt, { ...came, now, next: next - createdAt > maxAge ? undefined : next });
    const stored = rows.get(id);
    if (stored === undefined || onChange === undefined) return;
    try {
      onChange(stored);
    } catch (error) {
      console.error("onChange of the outbox threw", error);
    }
  }

  /** The rows, after what an earlier instance left unfinished has been told apart. */
  #opened(): OutboxRows {
    if (this.#rows === undefined) {
      this.#rows = new OutboxRows(this.ctx.storage);
      this.#rows.recover(Date.now(), this.#decided().resendUnknown);
    }
    return this.#rows;
  }

  async #schedule(): Promise<void> {
    const rows = this.#opened();
    const next = rows.next();
    const forget = next === undefined ? rows.purge(0) : undefined;
    if (next !== undefined) await this.ctx.storage.setAlarm(next);
    else if (forget !== undefined) await this.ctx.storage.setAlarm(forget + this.#decided().keepFor);
  }

  #decided(): OutboxSettings {
    return (this.#settings ??= settingsOfObject(() => this.options(this.env), parse));
  }
}

function parse(options: OutboxOptions): OutboxSettings {
  const {
    retryDelays = DEFAULT_DELAYS,
    maxAge,
    resendUnknown = false,
    keepFor,
    concurrency,
    onChange,
    ...smtp
  } = options;
  checkLifetime(smtp.pool?.maxLifetime);
  if (retryDelays.length === 0) throw new TypeError("retryDelays must have a delay");
  for (const delay of retryDelays) within("retryDelays", delay, LONGEST);
  return {
    mailer: mailer(smtp),
    retryDelays,
    maxAge: within("maxAge", maxAge ?? 2 * DAY, LONGEST),
    resendUnknown,
    keepFor: within("keepFor", keepFor ?? 7 * DAY, LONGEST),
    concurrency: within("concurrency", concurrency ?? 4, 100),
    onChange,
  };
}

interface Came {
  readonly replies: readonly (RecipientReply & { readonly fate: Fate })[];
  readonly unknown: readonly string[];
  readonly outcome: string;
  readonly error: string | undefined;
}

/** One attempt. Never rejects: what became of it is what it returns. */
async function deliver(mailer: Mailer, mail: Mail, body: Uint8Array): Promise<Came> {
  try {
    const { accepted, rejected, unknown } = await mailer.deliver(recomposed(mail, body));
    return { replies: fated([...accepted, ...rejected]), unknown, outcome: "done", error: undefined };
  } catch (error) {
    const told = isLandlineError(error) ? messageOf(error) : "the attempt failed";
    const outcome = isLandlineError(error) ? error.outcome : "unknown";
    const delivery = error instanceof SmtpError ? error.delivery : undefined;
    if (delivery !== undefined) {
      const { accepted, rejected, unknown } = delivery;
      return { replies: fated([...accepted, ...rejected]), unknown, outcome, error: told };
    }
    if (outcome === "unknown") return { replies: [], unknown: mail.envelope.to, outcome, error: told };
    // What is refused for good is refused for everybody; what was not sent, or refused for now, is tried again.
    const permanent = error instanceof SmtpError && outcome === "refused" && error.permanent;
    const code = error instanceof SmtpError ? (error.responseCode ?? 550) : 550;
    const replies = permanent
      ? mail.envelope.to.map((address) => ({
          address,
          code,
          enhanced: undefined,
          message: told,
          fate: "rejected" as const,
        }))
      : [];
    return { replies, unknown: [], outcome, error: told };
  }
}

/** 4xx may succeed later: they stay pending, with the server's word. */
function fated(replies: readonly RecipientReply[]): (RecipientReply & { readonly fate: Fate })[] {
  return replies.map((reply) => ({ ...reply, fate: fateOf(reply) }));
}

function fateOf({ code }: RecipientReply): Fate {
  if (code < 300) return "accepted";
  return code >= 500 ? "rejected" : "pending";
}

async function collected(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}
