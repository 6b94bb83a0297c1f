// The same through postgres.js: values, and COPY by the Node stream that its `writable()` makes.

import { once } from "node:events";
import postgres from "postgres";
import { unknownScenario } from "../harness/contestant.ts";
import type { Contestant, Count } from "../harness/contestant.ts";
import { COPY_IN, COPY_PIECES, copyPiece, expectValue, SELECT_VALUE, timed, truncateCopied } from "./volume-work.ts";

const PIECE = copyPiece();

export const contestant: Contestant = async (scenario, { services: { postgres: server } }) => {
  const { hostname: host, port, database, users } = server;
  const { username, password } = users.scram;
  const sql = postgres({ host, port, database, username, password, ssl: false, fetch_types: false, max: 1 });
  await sql`select 1`;
  const close = (): Promise<void> => sql.end({ timeout: 0 });
  const text = SELECT_VALUE[scenario];
  if (text !== undefined)
    return { run: (): Promise<Count> => timed(async () => expectValue(scenario, await sql.unsafe(text))), close };
  if (scenario !== "copy in") throw unknownScenario(scenario);
  const copy = async (): Promise<void> => {
    const stream = await sql.unsafe(COPY_IN).writable();
    for (let count = 0; count < COPY_PIECES; count++) if (!stream.write(PIECE)) await once(stream, "drain");
    const finished = once(stream, "finish");
    stream.end();
    await finished;
  };
  const run = async (): Promise<Count> => {
    await truncateCopied({ unsafe: async (statement) => sql.unsafe(statement) });
    return timed(copy);
  };
  return { run, close };
};
