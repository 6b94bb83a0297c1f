// Drizzle's node-postgres driver on the facade. It imports `pg` itself; what it is given is ours.

import { drizzle } from "drizzle-orm/node-postgres";
import { inject } from "vitest";
import { Pool } from "../../src/pg/index.ts";
import { drizzleTests } from "./drizzle-cases.ts";

const { url } = inject("services").postgres;

drizzleTests((schema, tables) => {
  const pool = new Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 4 });
  return { db: drizzle({ client: pool, schema: tables }), end: () => pool.end() };
});
