// The pages: the board as it is, with a form; and what went wrong, for who asked with a browser. The board can be read without
// JavaScript; being live, and scoring, needs it (public/board.js).

import { readBoard } from "./board.ts";
import type { Score } from "./board.ts";
import { openRedis } from "./env.ts";
import type { Env } from "./env.ts";
import type { Problem } from "./http.ts";
import { LIMIT, WINDOW } from "./limit.ts";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; img-src data:; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentcolor 20%, transparent) }
  body { max-width: 30rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
  ol { list-style: none; padding: 0 }
  li { display: flex; gap: 1rem; justify-content: space-between; padding: .35rem 0; border-bottom: 1px solid var(--line) }
  form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-top: 2rem }
  form[hidden] { display: none }
  label { display: grid }
  input, button { box-sizing: border-box; font: inherit; min-height: 2.5rem; padding: 0 .75rem }
  #player { width: 12rem } #points { width: 6rem }
  small { color: color-mix(in srgb, currentcolor 72%, transparent) }
  .bad { color: light-dark(#a30000, #ff8f8f) }
  a { color: light-dark(#0a5fb8, #6cb6ff) }
`;

/** GET / */
export async function showBoard(_request: Request, env: Env): Promise<Response> {
  await using kv = openRedis(env);
  const scores = await readBoard(kv);
  return page(
    "Leaderboard",
    `<ol id="board" aria-live="polite">${scores.map(line).join("")}</ol>
<p id="state">${scores.length === 0 ? "Nobody has scored yet." : ""}</p>
<form id="score" hidden>
  <label>Player <input id="player" required maxlength="40" autocomplete="nickname"></label>
  <label>Points <input id="points" type="number" required min="1" max="1000" value="5" inputmode="numeric"></label>
  <button>Score</button>
</form>
<p id="told" role="status"></p>
<p><small>${LIMIT} scores in any ${WINDOW / 1_000} seconds for each visitor.</small></p>
<noscript><p>Scoring here needs JavaScript; <code>POST /api/scores</code> does not.</p></noscript>
<script type="module" src="/board.js"></script>`,
  );
}

/** What went wrong, in words. */
export function showProblem({ status, message, headers }: Problem): Response {
  const again = status >= 500 ? `<p><a href="/">Try again</a></p>` : `<p><a href="/">To the board</a></p>`;
  return page("Leaderboard", `<p class="bad" role="alert">${escape(message)}</p>\n${again}`, { status, headers });
}

interface PageInit {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function page(title: string, body: string, { status = 200, headers = {} }: PageInit = {}): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
${body}
</html>
`;
  return new Response(html, { status, headers: { ...headers, ...HEADERS } });
}

function line({ player, score }: Score): string {
  return `<li><span>${escape(player)}</span> <b>${score}</b></li>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
