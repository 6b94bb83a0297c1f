// The reports as a page.

import type { Report } from "./ways.ts";

const STYLE = `:root{color-scheme:light dark;--line:color-mix(in srgb,currentcolor 22%,transparent);--quiet:color-mix(in srgb,currentcolor 72%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.75rem 1rem .75rem 0;border-top:1px solid var(--line);overflow-wrap:break-word}thead th,td:nth-child(3),td:nth-child(4){white-space:nowrap}
thead,small,td::before,th code{color:var(--quiet)}td small,th code{display:block}th code{font-size:.85rem;font-weight:normal;margin-top:.25rem}
b{font-size:1.25rem}.bad{color:light-dark(#a30000,#ff8f8f)}a{color:light-dark(#0a5fb8,#6cb6ff)}
@media(max-width:45rem){th,td{overflow-wrap:anywhere}thead{display:none}tr,th,td{display:block}tr{border-top:1px solid var(--line);padding:.75rem 0}th,td{border:0;padding:.25rem 0}td::before{content:attr(data-name) ": "}}`;

/** Where the page's style may come from: here only. */
export const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

export function page(reports: readonly Report[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>An existing driver over connect()</title>
<style>${STYLE}</style>
<h1>An existing driver over connect()</h1>
<p>The <a href="https://node-postgres.com">pg</a> driver, not changed, over Landline's socket: the same database in each way, asked just now.
A round trip is once there and back; what there are few of counts most where the database is far away.</p>
<table>
<thead><tr><th scope="col">Way<th scope="col">Round trips to be ready<th scope="col">Connect<th scope="col">Query<th scope="col">Answer</thead>
<tbody>
${reports.map(row).join("\n")}
</tbody>
</table>
<p><a href="/">Again</a>, or <a href="/api">as JSON</a></p>
</html>
`;
}

function row({ way, code, roundTrips, connectMs, queryMs, encrypted, answer, error }: Report): string {
  const { tcp, tls, protocol } = roundTrips;
  const result = error === undefined ? escape(answer ?? "") : `<span class="bad">${escape(error)}</span>`;
  return `<tr><th scope="row">${escape(way)}<code>${escape(code)}</code>
<td data-name="Round trips to be ready"><b>${tcp + tls + protocol}</b><small>TCP ${tcp}, TLS ${tls}, driver and server ${protocol}</small>
<td data-name="Connect"><b>${connectMs}</b> ms<small>${encrypted ? "encrypted" : "in the clear"}</small><td data-name="Query"><b>${queryMs}</b> ms<td data-name="Answer">${result}</tr>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
