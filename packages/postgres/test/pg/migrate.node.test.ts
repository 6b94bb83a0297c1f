// node-pg-migrate on a client of the facade: it is handed one, locks, runs files up and down, and keeps its table.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runner } from "node-pg-migrate";
import { afterAll, expect, inject, test } from "vitest";
import { Client } from "../../src/pg/index.ts";

const directory = mkdtempSync(join(tmpdir(), "landline-migrations-"));
const schema = `migrated_${crypto.randomUUID().slice(0, 8)}`;
const client = await new Client(inject("services").postgres.url).connect();
afterAll(async () => {
  await client.query(`drop schema if exists ${schema} cascade`);
  await client.end();
  rmSync(directory, { recursive: true });
});

writeFileSync(
  join(directory, "1_tables.sql"),
  `-- Up Migration
create table people (id serial primary key, name text not null);
insert into people (name) values ('Ada'), ('it''s $1; --');
-- Down Migration
drop table people;`,
);
writeFileSync(
  join(directory, "2_more.mjs"),
  `export const up = (pgm) => {
     pgm.createType("mood", ["sad", "ok"]);
     pgm.addColumns("people", { mood: { type: "mood", notNull: true, default: "ok" }, at: "timestamptz" });
     pgm.createIndex("people", "name", { unique: true });
     pgm.createFunction("greet", [{ name: "who", type: "text" }], { returns: "text", language: "sql" }, "select 'hello ' || who");
   };
   export const down = (pgm) => {
     pgm.dropFunction("greet", [{ name: "who", type: "text" }]);
     pgm.dropColumns("people", ["mood", "at"]);
     pgm.dropType("mood");
   };`,
);

const options = {
  dbClient: client,
  dir: directory,
  schema,
  createSchema: true,
  migrationsSchema: schema,
  createMigrationsSchema: true,
  migrationsTable: "migrations",
  log: () => {},
};

test("runs up, tells what it has run, and down again", async () => {
  const names = (run: readonly { readonly name: string }[]): string[] => run.map(({ name }) => name);
  expect(names(await runner({ ...options, direction: "up" }))).toEqual(["1_tables", "2_more"]);
  expect((await client.query(`select name, mood::text, at from ${schema}.people order by id`)).rows).toEqual([
    { name: "Ada", mood: "ok", at: null },
    { name: "it's $1; --", mood: "ok", at: null },
  ]);
  expect(names(await runner({ ...options, direction: "up" }))).toEqual([]);
  expect(names(await runner({ ...options, direction: "down", count: 2 }))).toEqual(["2_more", "1_tables"]);
  expect((await client.query("select to_regclass($1) as gone", [`${schema}.people`])).rows).toEqual([{ gone: null }]);
});

test("a file that fails leaves nothing", async () => {
  writeFileSync(join(directory, "3_broken.sql"), "create table half (id int); select nonsense;");
  await expect(runner({ ...options, direction: "up" })).rejects.toMatchObject({ code: "42703" });
  // It leaves the transaction to whoever has the client, whichever that is.
  expect(client.getTransactionStatus()).toBe("E");
  await client.query("rollback");
  expect((await client.query("select to_regclass($1) as gone", [`${schema}.half`])).rows).toEqual([{ gone: null }]);
});
