// The Worker: what is answered where.

import { listAccounts, openAccount } from "./accounts.ts";
import type { Env } from "./env.ts";
import { exportTransfers } from "./export.ts";
import { Problem, problemOf } from "./http.ts";
import { openLive } from "./live.ts";
import { listTransfers, transfer } from "./transfers.ts";

export { LiveTransfers } from "./live.ts";

type Handler = (request: Request, env: Env) => Promise<Response>;

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/accounts": { GET: listAccounts, POST: openAccount },
  "/transfers": { GET: listTransfers, POST: transfer },
  "/transfers.csv": { GET: exportTransfers },
  "/live": { GET: openLive },
};

const worker: ExportedHandler<Env> = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    try {
      return await handlerFor(pathname, request.method)(request, env);
    } catch (error) {
      return problemOf(error, `${request.method} ${pathname}`);
    }
  },
};

export default worker;

function handlerFor(pathname: string, method: string): Handler {
  const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (methods === undefined) throw new Problem(404, "not_found", "There is nothing at this address.");
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler !== undefined) return handler;
  const allow = Object.keys(methods).join(", ");
  throw new Problem(405, "method_not_allowed", `Use ${allow}.`, { allow });
}
