// `pnpm sizes`: what each public import costs, from the sources as they are, beside its budget.

import { join } from "node:path";
import { budgets } from "../budgets.ts";
import { bundle } from "./bundle.ts";

const rows = [];
for (const { code, without = [], gzip: budget, goal = "" } of budgets) {
  const { bytes, gzip } = await bundle(code, join(import.meta.dirname, ".."), { without });
  const what = [code.replaceAll(/export | from/g, ""), ...without.map((name) => `without ${name}`)].join(", ");
  rows.push({ import: what, minified: bytes, gzip, budget, goal });
}
console.table(rows);
