// Cloudflare's `send_email` binding as the way out: the same messages, and no connection. The binding takes one recipient at
// a time, and a whole message.

import { LandlineError } from "@landline/core";
import { compose } from "../message/compose.ts";
import type { Composed } from "../message/compose.ts";
import type { Message } from "../message/message.ts";
import { toBytes } from "../message/sink.ts";

/** What is asked of the binding: `env.EMAIL`. Messages are those of {@link EmailMessageClass}, of whichever types a project has. */
export interface SendEmailBinding {
  send(message: never): Promise<unknown>;
}

/** `EmailMessage` of `cloudflare:email`, which only Workers can import. `raw` is a stream. */
export type EmailMessageClass = new (from: string, to: string, raw: never) => object;

/** Options of {@link sendEmail}. */
export interface SendEmailOptions {
  /** Signs each message: `dkim({ … })` of `@landline/smtp/dkim`. Cloudflare signs for its own domains itself. */
  readonly dkim?: (message: Composed) => Promise<Composed>;
}

/** What became of a message. */
export interface SendEmailReceipt {
  readonly messageId: string;
  /** The binding took the message for these. */
  readonly accepted: readonly string[];
  /** And threw for these. */
  readonly rejected: readonly { readonly address: string; readonly error: unknown }[];
}

/** Sends by the binding. */
export interface SendEmail {
  /**
   * Composes the message and hands it over, once for each recipient, one after the other.
   * @throws TypeError for a message that cannot be written, or that asks for what the binding has not; LandlineError
   * `SEND_EMAIL_FAILED` when it threw for every recipient, with the first error as its cause.
   */
  send(message: Message): Promise<SendEmailReceipt>;
}

/**
 * A sender over the binding. Does nothing until a message is sent.
 * @example
 * import { EmailMessage } from "cloudflare:email";
 * const mail = sendEmail(env.EMAIL, EmailMessage);
 * await mail.send({ from: "app@shop.example", to: "ann@a.example", subject: "Hello", text: "…" });
 */
export function sendEmail(
  binding: SendEmailBinding,
  EmailMessage: EmailMessageClass,
  { dkim }: SendEmailOptions = {},
): SendEmail {
  return {
    async send(message) {
      const plain = compose(message, {
        now: () => new Date(),
        random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      });
      if (plain.dsn !== undefined || plain.requireTls)
        throw new TypeError("the send_email binding knows neither dsn nor requireTls");
      const composed = (await dkim?.(plain)) ?? plain;
      const { envelope, messageId } = composed;
      const bytes = (await toBytes(composed)) as Uint8Array<ArrayBuffer>;
      const accepted: string[] = [];
      const rejected: { address: string; error: unknown }[] = [];
      for (const address of envelope.to) {
        try {
          const copy = new EmailMessage(envelope.from, address, new Blob([bytes]).stream() as never);
          await binding.send(copy as never);
          accepted.push(address);
        } catch (error) {
          rejected.push({ address, error });
        }
      }
      if (accepted.length > 0) return { messageId, accepted, rejected };
      throw new LandlineError("the send_email binding took the message for no recipient", {
        code: "SEND_EMAIL_FAILED",
        outcome: "unknown",
        cause: rejected[0]?.error,
      });
    },
  };
}
