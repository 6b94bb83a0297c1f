// A Worker whose clients tell their work to Workers' own tracing.

import { tracing } from "cloudflare:workers";
import { workersTracing } from "@landline/core/tracing";
import { postgres } from "@landline/postgres";
import { redis } from "@landline/redis";
import { smtp } from "@landline/smtp";
import { everything } from "./everything.ts";

interface Env {
  readonly SERVICES: { readonly postgres: string; readonly redis: string; readonly smtp: string };
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const word = new URL(request.url).searchParams.get("word") ?? "";
    const observe = workersTracing(tracing);
    if (request.method === "POST") {
      await everything({
        urls: env.SERVICES,
        observe,
        ...((await request.json()) as { word: string; secret: string }),
      });
      return new Response("done");
    }
    await using sql = postgres({ url: env.SERVICES.postgres, observe });
    await tracing.enterSpan("outer", async () => {
      await sql`select ${word}::text`;
    });
    await sql`select ${word}::int`.catch(() => {});
    await using kv = redis(env.SERVICES.redis, { observe });
    await kv.set(word, word, "EX", 10);
    await using mail = smtp({ url: env.SERVICES.smtp, observe });
    await mail.send({ from: "me@a.example", to: `${word}@b.example`, subject: word, text: word });
    return new Response("done");
  },
};
