// The part of the Worker that has a pool of Redis connections.

import { isLandlineError } from "@landline/core";
import type { Redis } from "@landline/redis";
import { durableRedis, RedisPool, type PoolNamespace, type RedisPoolOptions } from "../src/redis/index.ts";

/** What a test asks for. */
export interface RedisAsked {
  readonly name: string;
  readonly options: RedisPoolOptions;
  readonly act: keyof typeof acts;
  readonly key?: string;
  readonly times?: number;
  readonly command?: readonly [string, ...(string | number)[]];
}

const configured = new Map<string, RedisPoolOptions>();

export class KV extends RedisPool {
  options(): RedisPoolOptions {
    return configured.get((this.ctx as unknown as { id: { name: string } }).id.name) as RedisPoolOptions;
  }

  reset(): void {
    this.ctx.abort("reset by a test");
  }
}

const acts = {
  async call(kv: Redis, { command = ["PING"] }: RedisAsked): Promise<unknown> {
    return kv.call(...command);
  },

  /** Many commands in one tick, each with its own answer. */
  async many(kv: Redis, { key = "", times = 1 }: RedisAsked): Promise<unknown> {
    await kv.set(key, "v");
    const replies = await Promise.all(
      Array.from({ length: times }, (_, n) => (n % 2 === 0 ? kv.get(key) : kv.echo(`${n}`))),
    );
    return replies.every((reply, n) => reply === (n % 2 === 0 ? "v" : `${n}`)) ? replies.length : replies;
  },

  async multi(kv: Redis, { key = "", times = 1 }: RedisAsked): Promise<unknown> {
    return Promise.all(Array.from({ length: times }, () => kv.multi().incr(key).incr(key).exec()));
  },

  /** A reservation that watches: what others do to the key undoes its transaction. */
  async watch(kv: Redis, { key = "" }: RedisAsked): Promise<unknown> {
    await using own = await kv.reserve();
    await own.watch(key);
    await kv.set(key, "changed");
    const error: unknown = await own
      .multi()
      .set(key, "mine")
      .exec()
      .catch((failure: unknown) => failure);
    return { code: (error as { code?: string }).code, value: await kv.get(key) };
  },

  /** Waits for an element that the same request pushes meanwhile. */
  async block(kv: Redis, { key = "" }: RedisAsked): Promise<unknown> {
    const waiting = kv.blpop(key, 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await kv.rpush(key, "element");
    return waiting;
  },

  async subscribe(kv: Redis, { key = "", times = 1 }: RedisAsked): Promise<unknown> {
    const heard: unknown[] = [];
    const subscription = kv.subscribe(key);
    for await (const notice of subscription) {
      heard.push(notice.type === "message" ? notice.message : notice.type);
      if (heard.length === times) break;
    }
    return heard;
  },

  async stats(_: Redis, { name }: RedisAsked, env: { readonly KV: PoolNamespace }): Promise<unknown> {
    return (env.KV.get(env.KV.idFromName(name)) as { stats(): Promise<unknown> }).stats();
  },

  async reset(_: Redis, { name }: RedisAsked, env: { readonly KV: PoolNamespace }): Promise<unknown> {
    await (env.KV.get(env.KV.idFromName(name)) as { reset(): Promise<void> }).reset().catch(() => {});
    return "reset";
  },
};

export async function serveRedis(request: Request, env: { readonly KV: PoolNamespace }): Promise<Response> {
  const asked = (await request.json()) as RedisAsked;
  configured.set(asked.name, asked.options);
  const kv = durableRedis(env.KV, { name: asked.name });
  try {
    return Response.json({ value: await acts[asked.act](kv, asked, env) });
  } catch (error) {
    const { name, message } = error as Error;
    return Response.json({ error: { name, message, landline: isLandlineError(error), ...(error as object) } });
  } finally {
    await kv.end();
  }
}
