// The mails: what the visitor wrote to the office, and then a confirmation to the visitor. Both go over one client, and so
// over one connection.

import { isLandlineError } from "@landline/core";
import { smtp, SmtpError } from "@landline/smtp";
import type { Delivery } from "@landline/smtp";
import type { Env } from "./env.ts";
import type { Submission } from "./form.ts";
import { html } from "./html.ts";

/** Milliseconds for both. */
const DEADLINE = 20_000;

/** What became of the message for one of its recipients. */
export interface Fate {
  readonly to: string;
  readonly outcome: "accepted" | "refused" | "unknown";
  /** The server's reply code, where it answered. */
  readonly code: number | undefined;
}

/** What became of the mails. */
export interface Report {
  readonly office: readonly Fate[];
  /** `undefined`: no confirmation was sent, for nobody at the office has the message. */
  readonly confirmation: Fate | undefined;
}

/** Sends both. @throws when nothing is known of any recipient: the server could not be reached, or would not have us. */
export async function deliver(env: Env, { name, email, message, file }: Submission): Promise<Report> {
  await using mail = smtp(env.SMTP_URL);
  const signal = AbortSignal.timeout(DEADLINE);
  const office = await fatesOf(() =>
    mail.send(
      {
        from: env.MAIL_FROM,
        to: env.MAIL_TO,
        // The sender is ours, or receivers would take the mail for forged; the answer goes to the visitor.
        replyTo: { name, address: email },
        subject: `Message from ${name}`,
        text: `${name} <${email}> wrote:\n\n${message}\n`,
        html: html`<p><b>${name}</b> (${email}) wrote:</p>
          <blockquote style="white-space: pre-wrap">${message}</blockquote>`.text,
        ...(file === undefined ? {} : { attachments: [attachmentOf(file)] }),
      },
      { signal },
    ),
  );
  if (!office.some(({ outcome }) => outcome === "accepted")) return { office, confirmation: undefined };
  try {
    const [confirmation] = await fatesOf(() =>
      mail.send(
        {
          from: env.MAIL_FROM,
          to: email,
          subject: "We have your message",
          // Nothing that the visitor wrote is in it: whoever is written to here may be somebody else.
          text: "Thank you for your message; we have it and will answer.\n\nIf you did not write to us, somebody gave your address by mistake, and you can ignore this mail.\n",
          headers: { "Auto-Submitted": "auto-replied" },
          // A confirmation that cannot be delivered comes back to nobody.
          envelope: { from: "", to: email },
        },
        { signal },
      ),
    );
    return { office, confirmation };
  } catch (error) {
    logFailure("confirmation", error);
    return { office, confirmation: { to: email, outcome: "unknown", code: undefined } };
  }
}

/** One line in the Worker's log. */
export function logFailure(doing: string, error: unknown): void {
  const words = isLandlineError(error)
    ? `${error.name} ${error.code} (${error.outcome}): ${error.message}`
    : String(error);
  console.error(`${doing}: ${words}`);
}

function attachmentOf(file: File) {
  const type = /^(?!multipart|message)[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : "application/octet-stream";
  const filename = file.name
    .toWellFormed()
    .replace(/[\0-\x1f\x7f/\\]/g, "_")
    .slice(-100);
  return { filename, contentType: type, content: file };
}

/** The fate of each recipient, whether the send resolves or throws. */
async function fatesOf(send: () => Promise<Delivery>): Promise<Fate[]> {
  let delivery: Delivery;
  try {
    delivery = await send();
  } catch (error) {
    if (!(error instanceof SmtpError) || error.delivery === undefined) throw error;
    logFailure("mail", error);
    ({ delivery } = error);
  }
  const { accepted, rejected, unknown } = delivery;
  return [
    ...accepted.map(({ address, code }): Fate => ({ to: address, outcome: "accepted", code })),
    ...rejected.map(({ address, code }): Fate => ({ to: address, outcome: "refused", code })),
    ...unknown.map((address): Fate => ({ to: address, outcome: "unknown", code: undefined })),
  ];
}
