// Drizzle over the `sql` client.

import { inject } from "vitest";
import { drizzle } from "../../src/adapters/drizzle.ts";
import { postgres } from "../../src/index.ts";
import { drizzleTests } from "./drizzle-cases.ts";

const { url } = inject("services").postgres;

drizzleTests((schema, tables) => {
  const sql = postgres({ url, settings: { search_path: schema }, max: 4 });
  return { db: drizzle(sql, { schema: tables }), end: () => sql.end() };
});
