// Much at a time through @landline/postgres: one large value, a gigabyte for a reader that is slow, a million rows by COPY.

import { postgres, type Sql } from "@landline/postgres";
import { unknownScenario } from "../harness/contestant.ts";
import type { Contestant, Count } from "../harness/contestant.ts";
import {
  COPY_IN,
  COPY_PIECES,
  copyPiece,
  expectValue,
  GIGABYTE,
  ROW_BYTES,
  SELECT_GIGABYTE,
  SELECT_VALUE,
  slowly,
  timed,
  truncateCopied,
  VALUE_BYTES,
} from "./volume-work.ts";

const BATCH = 1_000;
const PIECE = copyPiece();

export const contestant: Contestant = async (scenario, { services: { postgres: server } }) => {
  const { hostname: host, port, database, users } = server;
  const { username: user, password } = users.scram;
  const sql = postgres({ host, port, database, user, password, tls: "off", max: 1 });
  await sql`select 1`;
  const close = (): Promise<void> => sql.end({ timeout: 0 });
  if (scenario in VALUE_BYTES) {
    const run = (): Promise<Count> =>
      timed(async () => expectValue(scenario, await sql.unsafe(SELECT_VALUE[scenario]!).execute()));
    return { run, close };
  }
  if (scenario === "slow copy") return { run: () => timed(() => slowCopy(sql)), close };
  if (scenario === "slow cursor") return { run: () => timed(() => slowCursor(sql)), close };
  if (scenario !== "copy in") throw unknownScenario(scenario);
  const run = async (): Promise<Count> => {
    await truncateCopied(sql);
    return timed(() => copyIn(sql));
  };
  return { run, close };
};

async function copyIn(sql: Sql): Promise<void> {
  const writer = (await sql.unsafe(COPY_IN).writable()).getWriter();
  for (let count = 0; count < COPY_PIECES; count++) await writer.write(PIECE);
  await writer.close();
}

async function slowCopy(sql: Sql): Promise<void> {
  const reader = (await sql.unsafe(`copy (${SELECT_GIGABYTE}) to stdout`).readable()).getReader();
  const rest = slowly();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    await rest(value.length);
  }
  if (bytes !== GIGABYTE) throw new Error(`read ${bytes} bytes`);
}

async function slowCursor(sql: Sql): Promise<void> {
  const rest = slowly();
  let rows = 0;
  for await (const batch of sql.unsafe<{ t: string }>(SELECT_GIGABYTE, []).cursor(BATCH)) {
    for (const { t } of batch) if (t.length !== ROW_BYTES) throw new Error(`a row of ${t.length} characters`);
    rows += batch.length;
    await rest(batch.length * ROW_BYTES);
  }
  if (rows * (ROW_BYTES + 1) !== GIGABYTE) throw new Error(`read ${rows} rows`);
}
