// The reports as a page.

import type { Report } from "./ways.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem;border-top:1px solid #ccc}
code{font-size:.85rem;display:block;color:#444}small{color:#555}.bad{color:#a00}`;

/** Where the page's style may come from: here only. */
export const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

export function page(reports: readonly Report[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>An existing driver over connect()</title>
<style>${STYLE}</style>
<h1>An existing driver over <code style="display:inline;font-size:inherit">connect()</code></h1>
<p>The <a href="https://node-postgres.com">pg</a> driver, not changed, over Landline's socket.</p>
<table>
<thead><tr><th scope="col">Way<th scope="col">Round trips to be ready<th scope="col">Connect<th scope="col">Query<th scope="col">Answer</thead>
<tbody>
${reports.map(row).join("\n")}
</tbody>
</table>
</html>
`;
}

function row({ way, code, roundTrips, connectMs, queryMs, encrypted, answer, error }: Report): string {
  const { tcp, tls, protocol } = roundTrips;
  const result = error === undefined ? escape(answer ?? "") : `<span class="bad">${escape(error)}</span>`;
  return `<tr><th scope="row">${escape(way)}<code>${escape(code)}</code>
<td>${tcp + tls + protocol}<br><small>TCP ${tcp}, TLS ${tls}, driver and server ${protocol}</small>
<td>${connectMs} ms<br><small>${encrypted ? "encrypted" : "in the clear"}</small><td>${queryMs} ms<td>${result}</tr>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
