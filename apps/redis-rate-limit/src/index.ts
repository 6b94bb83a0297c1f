// The Worker: what is answered where, and who is counted. Static files (public/) are served before it is asked.

import { addPoints, draftOf, readBoard } from "./board.ts";
import { cached } from "./cached.ts";
import { openRedis } from "./env.ts";
import type { Env } from "./env.ts";
import { json, logFailure, Problem, problemOf, readJson, told } from "./http.ts";
import { LIMIT, takePlace, visitorOf } from "./limit.ts";
import { openLive } from "./live.ts";
import { makeReport } from "./origin.ts";
import { showBoard, showProblem } from "./page.ts";

export { LiveBoard } from "./live.ts";

type Handler = (request: Request, env: Env, ctx: ExecutionContext) => Promise<Response>;

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/": { GET: showBoard },
  "/api/board": { GET: getBoard },
  "/api/scores": { POST: postScore },
  "/api/reports": { GET: getReport },
  "/live": { GET: openLive },
};

const worker: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    try {
      return await handlerFor(pathname, request.method)(request, env, ctx);
    } catch (error) {
      const problem = problemOf(error, `${request.method} ${pathname}`);
      // A browser that shows a page says that it wants one; scripts and programs do not.
      return request.headers.get("accept")?.includes("text/html") === true ? showProblem(problem) : told(problem);
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

async function getBoard(_request: Request, env: Env): Promise<Response> {
  await using kv = openRedis(env);
  return json({ scores: await readBoard(kv) });
}

/** Limited: ten in ten seconds for each visitor. */
async function postScore(request: Request, env: Env): Promise<Response> {
  const draft = draftOf(await readJson(request));
  await using kv = openRedis(env);
  const left = await takePlace(kv, visitorOf(request));
  const score = await addPoints(kv, draft);
  return json(
    { score },
    { status: 201, headers: { "ratelimit-limit": String(LIMIT), "ratelimit-remaining": String(left) } },
  );
}

/** From the cache; `x-cache` tells how. */
async function getReport(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const topic = new URL(request.url).searchParams.get("topic") ?? "";
  if (!/^[a-z0-9-]{1,40}$/.test(topic)) {
    throw new Problem(400, "invalid_topic", "`topic` is 1 to 40 letters, digits and hyphens.");
  }
  const behind = async (work: (kv: ReturnType<typeof openRedis>) => Promise<unknown>): Promise<void> => {
    try {
      await using own = openRedis(env);
      await work(own);
    } catch (error) {
      logFailure("behind an answer", error);
    }
  };
  await using kv = openRedis(env);
  const { value, from } = await cached(kv, `report:${topic}`, {
    make: () => makeReport(topic),
    behind: (work) => ctx.waitUntil(behind(work)),
  });
  return json({ report: value }, { headers: { "x-cache": from } });
}
