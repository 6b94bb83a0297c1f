// The Worker: `POST /<subject>` publishes, `GET /<subject>` streams what is published as server-sent events, and
// `POST /<subject>?ask` waits for an answer. Only subjects that begin with "public." are anybody's business.

import { env } from "cloudflare:workers";
import { isLandlineError, parseAddress } from "@landline/core";
import type { Message } from "./connection.ts";
import type { Env } from "./env.ts";
import { Nats } from "./nats.ts";

const { NATS_SERVER, NATS_TOKEN } = env as unknown as Env;
const nats = new Nats({ address: parseAddress(NATS_SERVER), token: NATS_TOKEN });
const MAX_BODY = 64 * 1024;

const worker: ExportedHandler<Env> = {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const subject = pathname.slice(1);
    if (!subject.startsWith("public.")) return say("There is nothing at this address.", 404);
    try {
      if (request.method === "GET") return await events(subject, request.signal);
      if (request.method !== "POST") return say("Use GET or POST.", 405);
      const body = new Uint8Array(await request.arrayBuffer());
      if (body.length > MAX_BODY) return say("That is too much.", 413);
      if (!searchParams.has("ask")) {
        await nats.publish(subject, body);
        await nats.flush({ signal: request.signal });
        return new Response(null, { status: 202 });
      }
      const { data } = await nats.ask(subject, body, { timeout: 2_000, signal: request.signal });
      return new Response(data as Uint8Array<ArrayBuffer>);
    } catch (error) {
      return problem(error);
    }
  },
};

export default worker;

async function events(subject: string, signal: AbortSignal): Promise<Response> {
  // A generator that waits cannot be left; a signal ends the wait.
  const left = new AbortController();
  const messages = nats.subscribe(subject, { signal: AbortSignal.any([signal, left.signal]) });
  const utf8 = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(utf8.encode(": listening\n\n")),
    pull: async (controller) => {
      const { done, value } = await messages.next();
      if (done === true) controller.close();
      else controller.enqueue(utf8.encode(event(value)));
    },
    cancel: () => left.abort(),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}

/** JSON, so that a message with line ends in it is one line. */
function event({ subject, data }: Message): string {
  return `data: ${JSON.stringify({ subject, data: new TextDecoder().decode(data) })}\n\n`;
}

function problem(error: unknown): Response {
  if (error instanceof TypeError) return say("This is no subject.", 400);
  if (!isLandlineError(error)) throw error;
  console.error(error);
  return error.code === "TIMEOUT" ? say("Nobody has answered.", 504) : say("The server cannot be reached.", 502);
}

function say(text: string, status: number): Response {
  return new Response(`${text}\n`, { status });
}
