// psql's \\copy of the same million rows from a file, where psql is present. The time is psql's own (\\timing).

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unknownScenario } from "../harness/contestant.ts";
import { findProgram } from "../harness/programs.ts";
import type { Start } from "../harness/runner.ts";
import { toolRunner } from "../harness/tool.ts";
import { COPY_PIECES, copyPiece } from "./volume-work.ts";

export const startPsqlCopy: Start = async (scenario, { services }) => {
  const program = findProgram("psql");
  if (program === undefined) throw new Error("psql is not on PATH");
  if (scenario !== "copy in") throw unknownScenario(scenario);
  const { hostname, port, database, users } = services.postgres;
  const directory = mkdtempSync(join(tmpdir(), "landline-bench-"));
  const file = join(directory, "rows");
  const descriptor = openSync(file, "w");
  const piece = copyPiece();
  for (let count = 0; count < COPY_PIECES; count++) writeSync(descriptor, piece);
  closeSync(descriptor);
  const runner = toolRunner({
    program,
    env: {
      PGHOST: hostname,
      PGPORT: String(port),
      PGUSER: users.scram.username,
      PGPASSWORD: users.scram.password,
      PGDATABASE: database,
      PGSSLMODE: "disable",
    },
    args: () => [
      "-X",
      "-q",
      "-c",
      "truncate bench_copied",
      "-c",
      "\\timing on",
      "-c",
      `\\copy bench_copied from '${file}'`,
    ],
    read: (output) => ({ operations: 1, elapsedMs: Number(/^Time: ([\d.]+) ms/m.exec(output)?.[1]) }),
  });
  return { run: runner.run, close: async () => rmSync(directory, { recursive: true, force: true }) };
};
