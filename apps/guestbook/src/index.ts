// The Worker: what is answered where. Static files (public/) are served before it is asked.

import { getEntries, getHealth, getStats, postEntry, problemJson } from "./api.ts";
import type { Env } from "./env.ts";
import { openLive } from "./live.ts";
import { problemPage, showBook, signByForm } from "./page.ts";
import { Problem, problemOf } from "./problem.ts";
import { checkOrigin } from "./request.ts";

export { LiveBook } from "./live.ts";

type Handler = (request: Request, env: Env, ctx: ExecutionContext) => Promise<Response>;

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/": { GET: showBook, POST: signByForm },
  "/api/entries": { GET: getEntries, POST: postEntry },
  "/api/stats": { GET: getStats },
  "/healthz": { GET: getHealth },
  "/live": {
    GET: async (request, env) => {
      checkOrigin(request);
      return openLive(request, env);
    },
  },
};

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // Not "no-referrer": with that, browsers send "Origin: null" with the page's own form.
  "referrer-policy": "same-origin",
};

const worker: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const response = await answer(pathname, request, env, ctx);
    if (response.webSocket !== null) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
    return new Response(request.method === "HEAD" ? null : response.body, { status: response.status, headers });
  },
};

export default worker;

async function answer(pathname: string, request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  try {
    return await handlerFor(pathname, request.method)(request, env, ctx);
  } catch (error) {
    const problem = problemOf(error, `${request.method} ${pathname}`);
    return pathname === "/" || request.headers.get("accept")?.includes("text/html") === true
      ? problemPage(problem)
      : problemJson(problem);
  }
}

function handlerFor(pathname: string, method: string): Handler {
  const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (methods === undefined) {
    throw new Problem("There is nothing at this address.", {
      status: 404,
      code: "not_found",
      advice: "The guestbook is at /.",
    });
  }
  const wanted = method === "HEAD" ? "GET" : method;
  const handler = Object.hasOwn(methods, wanted) ? methods[wanted] : undefined;
  if (handler !== undefined) return handler;
  const allowed = Object.keys(methods).join(", ");
  throw new Problem(`${method} is not answered at this address.`, {
    status: 405,
    code: "method_not_allowed",
    advice: `Use ${allowed}.`,
    headers: { allow: allowed },
  });
}
