// The page as HTML. It works without its script: the form posts, the list is there, older entries are a link.

import { MAX_MESSAGE, MAX_NAME } from "./draft.ts";
import type { Entry } from "./entries.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { Stats } from "./limits.ts";
import type { Problem } from "./problem.ts";

/** What the page shows. */
export interface Book {
  readonly entries: readonly Entry[];
  /** The `before` of the next page, if there is one. */
  readonly older: string | undefined;
  /** Undefined while Redis does not answer. */
  readonly stats: Stats | undefined;
  /** Whether the newest entries are shown, to which live ones are added. */
  readonly newest: boolean;
  /** What the visitor wrote, to be mended. */
  readonly filled?: { readonly name: string; readonly message: string };
  readonly problem?: Problem;
}

/** The book. */
export function bookView({ entries, older, stats, newest, filled, problem }: Book): string {
  return document(
    "Guestbook",
    html`<main>
      <section class="sign" aria-labelledby="sign-title">
        <h2 id="sign-title">Sign the book</h2>
        <form id="sign" method="post" action="/">
          <p id="status" class="status" role="status">${problem === undefined ? undefined : `${problem.message} ${problem.advice}`}</p>
          <label for="name">Your name</label>
          <input id="name" name="name" required maxlength="${MAX_NAME}" autocomplete="name" value="${filled?.name}" ${invalid(problem, "name")} />
          <label for="message">Your message</label>
          <textarea id="message" name="message" required maxlength="${MAX_MESSAGE}" rows="5" ${invalid(problem, "message")}>
${filled?.message}</textarea
          >
          <button>Sign</button>
        </form>
      </section>
      <section class="entries" aria-labelledby="entries-title">
        <h2 id="entries-title">${newest ? "Entries" : "Older entries"} <span id="live" class="live" hidden>live</span></h2>
        <ol id="entries" ${newest ? html`data-newest` : undefined}>
          ${entries.map(entryView)}
        </ol>
        <p id="empty" class="empty" ${entries.length > 0 ? html`hidden` : undefined}>
          ${newest ? "Nobody has signed yet. The first page is yours." : "Nothing before this."}
        </p>
        <nav>
          ${newest ? undefined : html`<a href="/">Newest entries</a>`}
          ${older === undefined ? undefined : html`<a href="/?before=${older}" rel="next">Older entries</a>`}
        </nav>
      </section>
      <template id="entry">${entryView({ id: "", name: "", message: "", createdAt: "" })}</template>
    </main>`,
    html`<p class="stats">${stats === undefined ? "The counters are away." : statsView(stats)}</p>`,
  );
}

/** A problem that has no book around it. */
export function problemView(problem: Problem): string {
  return document(
    "Guestbook: not this time",
    html`<main class="alone">
      <h2>${problem.message}</h2>
      <p>${problem.advice}</p>
      <p><a href="/">To the guestbook</a></p>
    </main>`,
  );
}

function document(title: string, main: Html, aside?: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/guestbook.css" />
        <script src="/guestbook.js" type="module"></script>
      </head>
      <body>
        <header>
          <h1><a href="/">Guestbook</a></h1>
          ${aside}
        </header>
        ${main}
        <footer>
          <p>
            One Worker. Entries are in <b>Postgres</b>, counters and the limit in <b>Redis</b>, and each entry is mailed to the host by
            <b>SMTP</b>, all of them over TLS from <code>connect()</code>.
          </p>
        </footer>
      </body>
    </html> `.text;
}

function entryView({ id, name, message, createdAt }: Entry): Html {
  return html`<li id="entry-${id}" data-id="${id}">
    <p class="message" dir="auto">${message}</p>
    <p class="by"><bdi class="name">${name}</bdi> <time datetime="${createdAt}">${createdAt.slice(0, 16).replace("T", " ")} UTC</time></p>
  </li>`;
}

function statsView({ visits, entries }: Stats): Html {
  return html`<b id="visits">${visits}</b> ${visits === 1 ? "visit" : "visits"} · <b id="count">${entries}</b>
    <span id="count-word">${entries === 1 ? "entry" : "entries"}</span>`;
}

function invalid(problem: Problem | undefined, field: string): Html | undefined {
  return problem !== undefined && Object.hasOwn(problem.fields, field)
    ? html`aria-invalid="true" aria-describedby="status"`
    : undefined;
}
