// The Durable Object that keeps sessions with a mail server warm, and sends at once. It uses no storage: what it is told to
// send and does not send is its caller's to know. For mail that must not be lost, see outbox-object.ts.

import { DurableObject } from "cloudflare:workers";
import { mailer, type Mailer, type SmtpOptions } from "@landline/smtp";
import { durableError } from "../durable-error.ts";
import { errorData, type ErrorData } from "../error-data.ts";
import { settingsOfObject, versionError } from "../object-settings.ts";
import { checkLifetime } from "../within.ts";
import { recomposed } from "./body.ts";
import { smtpErrors } from "./errors.ts";
import { RPC_VERSION, type Mail, type RemoteMailer, type SendReply } from "./rpc.ts";

/** Options of a pool object: those of `smtp()`. */
export type SmtpPoolOptions = SmtpOptions;

/**
 * Base class of a pool. Export a class of your own and bind it; give the binding to `durableSmtp()`.
 *
 * @example
 * export class MAIL extends SmtpPool<Env> {
 *   options(env: Env) {
 *     return { url: env.SMTP_URL };
 *   }
 * }
 */
export abstract class SmtpPool<Env = unknown> extends DurableObject<Env> implements RemoteMailer {
  #mailer: Mailer | undefined;
  readonly #sending = new Map<string, AbortController>();
  #sent = 0;
  #failed = 0;

  constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env) {
    super(ctx, env);
    // RPC reaches what is on the prototype. The options hold credentials, and are nobody's business.
    const options = this.options.bind(this);
    Object.defineProperty(this, "options", { value: options });
  }

  /** Which server, and how. Asked once, when the first message comes. */
  abstract options(env: Env): SmtpPoolOptions;

  /** @internal What `durableSmtp()` calls. */
  async send(
    version: number,
    id: string,
    mail: Mail,
    body: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<SendReply> {
    const controller = new AbortController();
    this.#sending.set(id, controller);
    try {
      if (version !== RPC_VERSION) throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
      const receipt = await this.#keep().deliver(recomposed(mail, body), { signal: controller.signal });
      this.#sent++;
      return { receipt };
    } catch (error) {
      this.#failed++;
      const reason = controller.signal.aborted ? durableError("ABORTED", "unknown", "the caller gave it up") : error;
      return { error: errorData(reason, smtpErrors, "unknown") };
    } finally {
      this.#sending.delete(id);
    }
  }

  /** @internal */
  cancel(id: string): Promise<void> {
    this.#sending.get(id)?.abort(new Error("the caller gave it up"));
    return Promise.resolve();
  }

  /** @internal */
  async verify(version: number): Promise<ErrorData | undefined> {
    try {
      if (version !== RPC_VERSION) throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
      await this.#keep().verify();
      return undefined;
    } catch (error) {
      return errorData(error, smtpErrors, "unsent");
    }
  }

  /** Counts of this instance: messages being sent, sent, and failed. */
  stats(): Promise<Readonly<Record<string, number>>> {
    return Promise.resolve({ sending: this.#sending.size, sent: this.#sent, failed: this.#failed });
  }

  #keep(): Mailer {
    return (this.#mailer ??= settingsOfObject(
      () => this.options(this.env),
      (options) => {
        checkLifetime(options.pool?.maxLifetime);
        return mailer(options);
      },
    ));
  }
}
