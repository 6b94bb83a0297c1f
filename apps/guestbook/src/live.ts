// Live updates: one Durable Object holds a WebSocket to every open page and passes each new entry on. It speaks to no
// server, keeps nothing in memory and hibernates between entries, so that a thousand readers cost nothing while nobody
// writes, and no reader costs a connection to Postgres or Redis.

import { DurableObject } from "cloudflare:workers";
import type { Entry } from "./entries.ts";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";

const MAX_VIEWERS = 1000;
const CLOSE_POLICY_VIOLATION = 1008;

/** Those who have the page open. */
export class LiveBook extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Answered by the runtime without waking the object: pages ask in order to notice a dead connection.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** A page's WebSocket. */
  override fetch(): Response {
    if (this.ctx.getWebSockets().length >= MAX_VIEWERS) {
      return new Response("Too many readers at once.\n", { status: 503, headers: { "retry-after": "60" } });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells every page of an entry. Returns how many were told. */
  publish(entry: Entry): number {
    const message = JSON.stringify({ type: "entry", entry });
    let told = 0;
    for (const viewer of this.ctx.getWebSockets()) {
      try {
        viewer.send(message);
        told++;
      } catch {
        // This page has just gone; the others are to be told all the same.
      }
    }
    return told;
  }

  /** Pages only listen. */
  override webSocketMessage(viewer: WebSocket): void {
    viewer.close(CLOSE_POLICY_VIOLATION, "This socket tells of new entries; it takes none.");
  }
}

/** The one object of this guestbook. */
export function liveBook(env: Env): DurableObjectStub<LiveBook> {
  return env.LIVE.getByName("guestbook");
}

/** GET /live. @throws Problem 426 */
export function openLive(request: Request, env: Env): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return liveBook(env).fetch(request);
  throw new Problem("This address is a WebSocket.", {
    status: 426,
    code: "upgrade_required",
    advice: "Connect to it with new WebSocket(…).",
    headers: { upgrade: "websocket" },
  });
}
