// Live scores: one Durable Object subscribes on one connection and passes each score on, as server-sent events, to everybody
// who has the page open. It connects when the first viewer comes and hangs up when the last has gone.

import { DurableObject } from "cloudflare:workers";
import { CHANNEL } from "./board.ts";
import { openRedis } from "./env.ts";
import type { Env } from "./env.ts";
import { logFailure } from "./http.ts";

const MAX_VIEWERS = 1_000;
/** What may wait for a viewer who does not keep up. What does not fit is left out, and he is told so. */
const MAX_WAITING = 256;
/** Proxies close what is silent for long; to a browser, a comment is nothing. */
const HEARTBEAT = 25_000;
const SYNC = "event: sync\ndata: {}\n\n";
const encoder = new TextEncoder();

interface Viewer {
  readonly events: ReadableStreamDefaultController<Uint8Array>;
  /** Something was left out. */
  behind: boolean;
}

/** Those who watch. */
export class LiveBoard extends DurableObject<Env> {
  readonly #viewers = new Set<Viewer>();
  #hangUp: AbortController | undefined;
  #listening = false;

  /**
   * A stream of events: `score`, with one as the API tells it; and `sync` at first, and when some may have been missed: it is
   * time to look at GET /api/board, and from here on nothing escapes.
   */
  override fetch(): Response {
    if (this.#viewers.size >= MAX_VIEWERS) {
      return new Response("Too many viewers at once.\n", { status: 503, headers: { "retry-after": "60" } });
    }
    let viewer: Viewer;
    const events = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          viewer = { events: controller, behind: false };
          this.#viewers.add(viewer);
          controller.enqueue(encoder.encode(this.#listening ? SYNC : "retry: 2000\n\n"));
        },
        pull: () => {
          if (!viewer.behind) return;
          viewer.behind = false;
          viewer.events.enqueue(encoder.encode(SYNC));
        },
        cancel: () => this.#leave(viewer),
      },
      { highWaterMark: MAX_WAITING },
    );
    this.#hangUp ??= this.#listen();
    return new Response(events, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
  }

  #listen(): AbortController {
    const hangUp = new AbortController();
    const heartbeat = setInterval(() => this.#tell(": still here\n\n"), HEARTBEAT);
    void this.#follow(hangUp.signal).finally(() => clearInterval(heartbeat));
    return hangUp;
  }

  /** Ends when it is told to, or when the server will not have it; then the viewers come again, and so does this. */
  async #follow(signal: AbortSignal): Promise<void> {
    try {
      await using kv = openRedis(this.env, "redis-rate-limit-live");
      await using scores = kv.with({ signal }).subscribe(CHANNEL);
      await scores.ready;
      this.#listening = true;
      this.#tell(SYNC);
      for await (const notice of scores) {
        this.#tell(notice.type === "gap" ? SYNC : `event: score\ndata: ${notice.message}\n\n`);
      }
    } catch (error) {
      // Another may follow already, for those who have come since.
      if (signal.aborted) return;
      logFailure("live", error);
    }
    this.#stop();
    for (const { events } of this.#viewers) events.close();
    this.#viewers.clear();
  }

  #tell(event: string): void {
    const bytes = encoder.encode(event);
    for (const viewer of this.#viewers) {
      viewer.behind ||= (viewer.events.desiredSize ?? 0) <= 0;
      if (!viewer.behind) viewer.events.enqueue(bytes);
    }
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#stop();
  }

  #stop(): void {
    this.#hangUp?.abort(new Error("nobody watches"));
    this.#hangUp = undefined;
    this.#listening = false;
  }
}

/** GET /live */
export function openLive(_request: Request, env: Env): Promise<Response> {
  return env.LIVE.getByName("board").fetch("https://live/");
}
