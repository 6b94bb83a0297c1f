// How many bytes a Worker grows by: each import of ours and of each peer, bundled for workerd, minified, and gzipped (-9).

import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { bundle } from "../harness/bundle.ts";
import { summarize } from "../report.ts";
import type { Scenario } from "../report.ts";

interface Import {
  /** What is imported, and kept. */
  readonly names: string;
  readonly from: string;
  readonly nodeCompat?: boolean;
}

const peer = (names: string, from: string): Import => ({ names, from, nodeCompat: true });

const IMPORTS: Readonly<Record<string, Readonly<Record<string, Import>>>> = {
  "Postgres client": {
    landline: { names: "{ postgres }", from: "@landline/postgres" },
    postgres: peer("postgres", "postgres"),
    pg: peer("pg", "pg"),
  },
  "Redis client": {
    landline: { names: "{ redis }", from: "@landline/redis" },
    ioredis: peer("{ Redis }", "ioredis"),
    redis: peer("{ createClient }", "redis"),
    iovalkey: peer("{ Redis }", "iovalkey"),
  },
  "SMTP client": {
    landline: { names: "{ smtp }", from: "@landline/smtp" },
    nodemailer: peer("{ createTransport }", "nodemailer"),
    "worker-mailer": peer("{ WorkerMailer }", "worker-mailer"),
  },
  "@landline/core: connect": { landline: { names: "{ connect }", from: "@landline/core" } },
  "@landline/core: dial": { landline: { names: "{ dial }", from: "@landline/core" } },
  "@landline/core/pool": { landline: { names: "{ Pool }", from: "@landline/core/pool" } },
  "@landline/core/bytes": { landline: { names: "* as all", from: "@landline/core/bytes" } },
  "@landline/postgres/wire": { landline: { names: "* as all", from: "@landline/postgres/wire" } },
  "@landline/durable/postgres": { landline: { names: "* as all", from: "@landline/durable/postgres" } },
  "@landline/redis/wire": { landline: { names: "* as all", from: "@landline/redis/wire" } },
  "@landline/smtp/wire": { landline: { names: "* as all", from: "@landline/smtp/wire" } },
  "@landline/smtp/message": { landline: { names: "* as all", from: "@landline/smtp/message" } },
};

/** The bytes are the same each time: one round. */
export async function measureSizes(only: string | undefined, report: (scenario: Scenario) => void): Promise<void> {
  const directory = fileURLToPath(new URL("..", import.meta.url));
  for (const [what, imports] of Object.entries(IMPORTS)) {
    if (only !== undefined && !what.includes(only)) continue;
    const minified = new Map<string, { value: number; cpuMicros: null }[]>();
    const zipped = new Map<string, { value: number; cpuMicros: null }[]>();
    for (const [client, { names, from, nodeCompat = false }] of Object.entries(imports)) {
      const name = names.replace(/^\* as |[{} ]/g, "");
      const source = `import ${names} from "${from}"; export const kept = ${name};`;
      const code = await bundle({ source, directory, nodeCompat, minify: true });
      minified.set(client, [{ value: code.length, cpuMicros: null }]);
      zipped.set(client, [{ value: gzipSync(code, { level: 9 }).length, cpuMicros: null }]);
    }
    const facts = { area: "sizes", runtime: "workerd", unit: "bytes" };
    report(summarize({ ...facts, scenario: `${what}, minified` }, minified));
    report(summarize({ ...facts, scenario: `${what}, minified and gzipped` }, zipped));
  }
}
