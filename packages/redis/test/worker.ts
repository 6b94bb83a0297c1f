// A Worker with a client at module scope: what users write.

import { clientCache } from "../src/cache.ts";
import { redis } from "../src/index.ts";

let kv: ReturnType<typeof redis> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    kv ??= redis(url.searchParams.get("redis") ?? "", { cache: clientCache() });
    if (url.pathname === "/cached") {
      const cached = kv.with({ cacheFor: 60_000 });
      const key = url.searchParams.get("key") ?? "";
      // The second read is from memory; the cache of another request has nothing for it.
      return Response.json({ first: await cached.get(key), second: await cached.get(key) });
    }
    try {
      const key = `scope:${url.searchParams.get("key")}`;
      const [count, id] = await Promise.all([kv.incr(key), kv.call("CLIENT", "ID")]);
      await kv.expire(key, 60);
      return Response.json({ count, id });
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  },
};
