// The Worker: `/` shows the three ways as a page, `/api` as JSON.

import { page, POLICY } from "./page.ts";
import { tryAll } from "./ways.ts";
import type { Env } from "./ways.ts";

const worker: ExportedHandler<Env> = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/" && pathname !== "/api")
      return new Response("There is nothing at this address.\n", { status: 404 });
    if (request.method !== "GET") return new Response("Use GET.\n", { status: 405, headers: { allow: "GET" } });
    const reports = await tryAll(env);
    const status = reports.some(({ error }) => error !== undefined) ? 503 : 200;
    if (pathname === "/api") return Response.json({ reports }, { status });
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
    };
    return new Response(page(reports), { status, headers });
  },
};

export default worker;
