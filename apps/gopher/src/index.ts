// The Worker: `/` is the server's first menu, `/1/<selector>` another one, `/0/<selector>` a text, `/7/<selector>?q=` a search.

import { env } from "cloudflare:workers";
import { isLandlineError } from "@landline/core";
import type { Env } from "./env.ts";
import { Gopher, GopherError } from "./gopher.ts";
import { errorPage, menuPage, POLICY, textPage } from "./page.ts";

const server = (env as unknown as Env).GOPHER_SERVER;
// At module scope: it opens nothing here, and in each request only that request's connections.
const gopher = new Gopher(server);

const worker: ExportedHandler<Env> = {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const [, type = "", selector] = /^\/([017])\/(.*)$/.exec(pathname) ?? [];
    if (pathname !== "/" && selector === undefined) return html(errorPage(server, "", "There is nothing here."), 404);
    if (request.method !== "GET") return new Response("Use GET.\n", { status: 405, headers: { allow: "GET" } });
    const { signal } = request;
    const wanted = decode(selector ?? "");
    try {
      if (type === "0") return html(textPage(server, wanted, await gopher.text(wanted, { signal })));
      const query = type === "7" ? { query: searchParams.get("q") ?? "" } : {};
      return html(menuPage(server, wanted, await gopher.menu(wanted, { signal, ...query })));
    } catch (error) {
      return problem(wanted, error);
    }
  },
};

export default worker;

function problem(selector: string, error: unknown): Response {
  if (error instanceof TypeError) return html(errorPage(server, "", "This is no address of a gopher's."), 400);
  if (error instanceof GopherError) return html(errorPage(server, selector, error.message), 404);
  if (!isLandlineError(error)) throw error;
  console.error(error);
  return html(errorPage(server, selector, "The gopher cannot be reached. Try again later."), 502);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Refused with a TypeError further on.
    return "\0";
  }
}

function html(body: string, status = 200): Response {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
  };
  return new Response(body, { status, headers });
}
