// The two pages: the form, and the report of what became of a message. Neither has a script.

import { MAX_MESSAGE, MAX_NAME, TRAP } from "./form.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { Fate, Report } from "./mail.ts";

/** What stands in the fields. */
export interface Filled {
  readonly name?: string;
  readonly email?: string;
  readonly message?: string;
}

/** The form; with a `problem`, what the visitor wrote is still in it (but for the file, which browsers do not give back). */
export function formView(filled: Filled = {}, problem?: string): string {
  return page(
    "Write to us",
    html`<form method="post" action="/" enctype="multipart/form-data">
      <p id="status" role="alert">${problem}</p>
      <label for="name">Your name</label>
      <input id="name" name="name" required maxlength="${MAX_NAME}" autocomplete="name" value="${filled.name}" />
      <label for="email">Your address</label>
      <input id="email" name="email" type="email" required maxlength="254" autocomplete="email" value="${filled.email}" />
      <label for="message">Your message</label>
      <textarea id="message" name="message" required maxlength="${MAX_MESSAGE}" rows="8">
${filled.message}</textarea
      >
      <label for="file">A file, if you like</label>
      <input id="file" name="file" type="file" />
      <p class="trap" aria-hidden="true">
        <label for="${TRAP}">Leave this empty</label>
        <input id="${TRAP}" name="${TRAP}" tabindex="-1" autocomplete="off" />
      </p>
      <button>Send</button>
    </form>`,
  );
}

/** What became of a message. */
export function reportView({ office, confirmation }: Report): string {
  const reached = office.filter(({ outcome }) => outcome === "accepted").length;
  const words =
    reached > 0 ? `Your message has reached ${reached} of ${office.length}.` : "Your message could not be delivered.";
  return page(
    reached > 0 ? "Thank you" : "Not delivered",
    html`<p id="status">${words}</p>
      <table>
        <thead>
          <tr><th>Recipient</th><th>What became of it</th></tr>
        </thead>
        <tbody id="office">
          ${office.map((fate, index) => row(`Reader ${index + 1}`, fate))}
        </tbody>
        ${confirmation === undefined ? undefined : html`<tbody id="confirmation">${row("A confirmation to you", confirmation)}</tbody>`}
      </table>
      <p><a href="/">Write another</a></p>`,
  );
}

const OUTCOMES: Readonly<Record<Fate["outcome"], string>> = {
  accepted: "delivered to the mail server",
  refused: "refused by the mail server",
  unknown: "the connection was lost; it may have arrived",
};

/** The office's own addresses are not shown. */
function row(who: string, { outcome, code }: Fate): Html {
  const why = code === undefined ? "" : ` (${code})`;
  return html`<tr class="${outcome}"><td>${who}</td><td>${OUTCOMES[outcome]}${why}</td></tr>`;
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/form.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text;
}
