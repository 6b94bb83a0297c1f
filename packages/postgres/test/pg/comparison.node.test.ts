// The facade beside node-postgres itself: the same cases on both, and what they see has to be the same.

import { createRequire } from "node:module";
import { afterEach, describe, expect, inject, test } from "vitest";
import ours, { type Client, type ClientConfig, type Cursor, type Pg } from "../../src/pg/index.ts";
import { cases, type Case, type Subject } from "./cases.ts";
import { cursorCases } from "./cursor-cases.ts";
import { manualCases } from "./manual-cases.ts";
import { peerCases } from "./peer-cases.ts";
import { poolCases } from "./pool-cases.ts";

const require = createRequire(import.meta.url);
const theirs = { pg: require("pg") as Pg, Cursor: require("pg-cursor") as typeof Cursor };

const { ca, postgres } = inject("services");
const { hostname, port, database } = postgres;
const admin = new URL(postgres.adminUrl);
const config: ClientConfig = {
  host: hostname,
  port,
  database,
  user: admin.username,
  password: admin.password,
  ssl: { ca: ca.pem },
};

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

async function run(work: Case, subject: Subject): Promise<unknown> {
  return work({
    ...subject,
    config,
    client: async (more = {}) => {
      const client = new subject.pg.Client({ ...config, ...more });
      clients.push(client);
      return client.connect();
    },
  });
}

describe.each([
  ["client", cases],
  ["cursor", cursorCases],
  ["pool", poolCases],
  ["the manual", manualCases],
  ["a peer", peerCases],
])("%s", (_, all) => {
  test.each(Object.entries(all))("%s", async (_name, work) => {
    const expected = await run(work, theirs);
    expect(await run(work, { pg: ours, Cursor: ours.Cursor })).toEqual(expected);
  });
});
