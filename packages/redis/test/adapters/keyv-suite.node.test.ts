// Keyv's own suite for stores on ours. It clears without a namespace, and so has a database to itself.

import suite from "@keyv/test-suite";
import Keyv from "keyv";
import * as vitest from "vitest";
import { KeyvStore } from "../../src/adapters/keyv.ts";
import { redis } from "../../src/index.ts";

const url = new URL(vitest.inject("services").redis.url);
url.pathname = "/9";
const kv = redis(url.href);
vitest.afterAll(() => kv.end());

/** What Keyv 5 itself did and 6 does not: they fail on its own Map as well. */
const OF_KEYV_5 = new Set([
  ".deleteMany([keys]) with nonexistent keys resolves to false",
  "value can be BigInt using other serializer/deserializer",
]);
const it = (name: string, work: (context: vitest.TestContext) => unknown): void => {
  if (!OF_KEYV_5.has(name)) vitest.it(name, work as () => Promise<void>);
};

// It is typed for an older vitest and an older Keyv.
suite({ ...vitest, it } as never, Keyv as never, () => new KeyvStore(kv, { clearsDatabase: true }));
