import { redis } from "@landline/redis";
import type { Services } from "./services.ts";

export async function use(services: Services): Promise<string> {
  await using kv = redis(services.redis.tlsUrl);
  const key = `installed-alone:${crypto.randomUUID()}`;
  await kv.set(key, "kept", "EX", 10);
  return String(await kv.get(key));
}
