// The mail to the host, by SMTP.

import { smtp } from "@landline/smtp";
import type { Entry } from "./entries.ts";
import type { Env } from "./env.ts";
import { html } from "./html.ts";
import { logFailure } from "./problem.ts";

/** Within the 30 s that a Worker is left after its answer. */
const DEADLINE = 20_000;

/** Tells the host of an entry. */
export async function mailHost(env: Env, entry: Entry): Promise<void> {
  await using mail = smtp(env.SMTP_URL);
  const receipt = await mail.send(
    {
      from: env.MAIL_FROM,
      to: env.MAIL_TO,
      subject: `${entry.name} signed your guestbook`,
      text: `${entry.name} wrote at ${entry.createdAt}:\n\n${entry.message}\n`,
      html: html`<p><b>${entry.name}</b> wrote at ${entry.createdAt}:</p>
        <blockquote style="white-space: pre-wrap">${entry.message}</blockquote>`.text,
    },
    { signal: AbortSignal.timeout(DEADLINE) },
  );
  for (const { address, code } of receipt.rejected)
    logFailure(`mail for entry ${entry.id}`, `${address} was refused (${code})`);
}
