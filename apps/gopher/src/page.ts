// Menus and texts as pages. What a server wrote is escaped, and leads to this server or to an address that a browser may open.

import { parseAddress } from "@landline/core";
import type { Item } from "./gopher.ts";

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 ui-monospace,monospace;max-width:50rem;margin:2rem auto;padding:0 1rem;background:light-dark(#fdfcf7,#171612);overflow-wrap:anywhere}
header{border-bottom:1px solid color-mix(in srgb,currentcolor 22%,transparent);padding-bottom:.5rem}ul{list-style:none;padding:0}li{min-height:1.5em;white-space:pre-wrap}
pre{font:inherit;white-space:pre-wrap}form{display:inline}input{font:inherit;max-width:100%}small{color:color-mix(in srgb,currentcolor 72%,transparent)}a{color:light-dark(#0a5fb8,#6cb6ff)}
li a{display:inline-block;padding:.2rem 0}`;

/** Where the page's parts may come from: here only. */
export const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function menuPage(server: string, selector: string, items: readonly Item[]): string {
  if (items.length === 0) return page(server, selector, "<p>There is nothing in this menu.</p>");
  return page(server, selector, `<ul>\n${items.map((item) => `<li>${line(server, item)}</li>`).join("\n")}\n</ul>`);
}

export function textPage(server: string, selector: string, text: string): string {
  return page(server, selector, `<pre>${escape(text)}</pre>`);
}

export function errorPage(server: string, selector: string, message: string): string {
  return page(server, selector, `<p>${escape(message)}</p>`);
}

/** Where an item is shown here. */
function pathOf(type: string, selector: string): string {
  return `/${type}/${encodeURIComponent(selector)}`;
}

function line(server: string, { type, title, selector, hostname, port }: Item): string {
  const shown = escape(title);
  if (type === "i") return shown;
  if (type === "h" && /^URL:https?:/i.test(selector)) return link(selector.slice("URL:".length), shown);
  const here = parseAddress(server);
  if (hostname.toLowerCase() !== here.hostname || port !== here.port) {
    return `${shown} <small>(at ${escape(hostname)})</small>`;
  }
  if (type === "0" || type === "1") return link(pathOf(type, selector), shown);
  if (type !== "7") return `${shown} <small>(not shown here)</small>`;
  return `<form action="${escape(pathOf(type, selector))}"><label>${shown} <input name="q" required></label></form>`;
}

function link(href: string, shown: string): string {
  return `<a rel="noreferrer" href="${escape(href)}">${shown}</a>`;
}

function page(server: string, selector: string, content: string): string {
  const title = escape(`${server}${selector}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${STYLE}</style>
<header><a href="/">${escape(server)}</a> ${escape(selector)}</header>
<main>${content}</main>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
