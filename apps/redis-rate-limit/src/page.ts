// The page: the board as it is, and a form. It works without JavaScript, apart from being live (public/board.js).

import { readBoard } from "./board.ts";
import type { Score } from "./board.ts";
import { openRedis } from "./env.ts";
import type { Env } from "./env.ts";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

/** GET / */
export async function showBoard(_request: Request, env: Env): Promise<Response> {
  await using kv = openRedis(env);
  const scores = await readBoard(kv);
  return new Response(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Leaderboard</title>
<style>
  body { max-width: 30rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark }
  li { display: flex; justify-content: space-between; border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent) }
  ol { list-style: none; padding: 0 }
</style>
<h1>Leaderboard</h1>
<ol id="board" aria-live="polite">${scores.map(line).join("")}</ol>
<p id="state">${scores.length === 0 ? "Nobody has scored yet." : ""}</p>
<script type="module" src="/board.js"></script>
</html>
`,
    { headers: HEADERS },
  );
}

function line({ player, score }: Score): string {
  return `<li><span>${escape(player)}</span> <b>${score}</b></li>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
