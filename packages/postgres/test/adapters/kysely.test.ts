// Kysely on the facade, as its documentation sets it up: `new PostgresDialect({ pool })`.

import {
  CamelCasePlugin,
  Kysely,
  PostgresDialect,
  sql,
  type ColumnType,
  type Generated,
  type PostgresCursorConstructor,
} from "kysely";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Cursor, Pool } from "../../src/pg/index.ts";

interface Tables {
  kyselyPerson: {
    id: Generated<number>;
    firstName: string;
    born: ColumnType<Date, string, never> | null;
    tags: string[] | null;
    profile: { likes: string[] } | null;
  };
  kyselyPet: { id: Generated<number>; ownerId: number; name: string };
}

const { url } = inject("services").postgres;
// Each runtime has tables of its own: both may run at once.
const schema = `kysely_${crypto.randomUUID().slice(0, 8)}`;
const db = new Kysely<Tables>({
  dialect: new PostgresDialect({
    pool: new Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 4 }),
    cursor: Cursor as unknown as PostgresCursorConstructor,
  }),
  plugins: [new CamelCasePlugin()],
});

beforeAll(async () => {
  await db.schema.createSchema(schema).execute();
  await db.schema
    .createTable("kyselyPerson")
    .addColumn("id", "serial", (column) => column.primaryKey())
    .addColumn("firstName", "varchar(50)", (column) => column.notNull().unique())
    .addColumn("born", "date")
    .addColumn("tags", sql`text[]`)
    .addColumn("profile", "jsonb")
    .execute();
  await db.schema
    .createTable("kyselyPet")
    .addColumn("id", "serial", (column) => column.primaryKey())
    .addColumn("ownerId", "integer", (column) => column.references("kyselyPerson.id").onDelete("cascade").notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .execute();
  await db
    .insertInto("kyselyPerson")
    .values([
      {
        firstName: "Ada",
        born: "1815-12-10",
        tags: ["maths", "a,b"],
        profile: JSON.stringify({ likes: ["x"] }) as never,
      },
      { firstName: "Grace", born: null, tags: null, profile: null },
    ])
    .execute();
});

afterAll(async () => {
  await db.schema.dropSchema(schema).cascade().execute();
  await db.destroy();
});

test("reads what was written, in node-postgres' types", async () => {
  const people = await db.selectFrom("kyselyPerson").selectAll().orderBy("id").execute();
  expect(people).toEqual([
    { id: 1, firstName: "Ada", born: new Date(1815, 11, 10), tags: ["maths", "a,b"], profile: { likes: ["x"] } },
    { id: 2, firstName: "Grace", born: null, tags: null, profile: null },
  ]);
});

test("inserts, updates, deletes, with returning and counts", async () => {
  const { id } = await db
    .insertInto("kyselyPerson")
    .values({ firstName: "Temp" })
    .returning("id")
    .executeTakeFirstOrThrow();
  const updated = await db
    .updateTable("kyselyPerson")
    .set({ firstName: "Tmp" })
    .where("id", "=", id)
    .executeTakeFirst();
  expect(updated.numUpdatedRows).toBe(1n);
  const upserted = await db
    .insertInto("kyselyPerson")
    .values({ firstName: "Tmp" })
    .onConflict((conflict) => conflict.column("firstName").doUpdateSet({ tags: ["again"] }))
    .returning(["id", "tags"])
    .executeTakeFirst();
  expect(upserted).toEqual({ id, tags: ["again"] });
  const deleted = await db.deleteFrom("kyselyPerson").where("id", "=", id).executeTakeFirst();
  expect(deleted.numDeletedRows).toBe(1n);
});

test("joins, groups, subqueries", async () => {
  const pets = await db
    .insertInto("kyselyPet")
    .values([
      { ownerId: 1, name: "Byte" },
      { ownerId: 1, name: "Bit" },
    ])
    .returning("id")
    .execute();
  const rows = await db
    .selectFrom("kyselyPerson as p")
    .leftJoin("kyselyPet as t", "t.ownerId", "p.id")
    .select(["p.firstName", (eb) => eb.fn.count("t.id").as("pets")])
    .groupBy("p.id")
    .orderBy("p.id")
    .execute();
  expect(rows).toEqual([
    { firstName: "Ada", pets: "2" },
    { firstName: "Grace", pets: "0" },
  ]);
  await db
    .deleteFrom("kyselyPet")
    .where(
      "id",
      "in",
      pets.map(({ id }) => id),
    )
    .execute();
});

test("transactions commit, roll back, and have savepoints", async () => {
  await expect(
    db.transaction().execute(async (trx) => {
      await trx.insertInto("kyselyPerson").values({ firstName: "Nobody" }).execute();
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  const trx = await db.startTransaction().setIsolationLevel("serializable").execute();
  await trx.insertInto("kyselyPerson").values({ firstName: "Kept" }).execute();
  const saved = await trx.savepoint("inner").execute();
  await saved.insertInto("kyselyPerson").values({ firstName: "Dropped" }).execute();
  const back = await saved.rollbackToSavepoint("inner").execute();
  await back.releaseSavepoint("inner").execute();
  await trx.commit().execute();
  const names = await db.deleteFrom("kyselyPerson").where("id", ">", 2).returning("firstName").execute();
  expect(names).toEqual([{ firstName: "Kept" }]);
});

test("streams, to the end and not", async () => {
  const numbers = sql<{ n: number }>`(select n from generate_series(1, 250) n)`;
  const query = db.selectFrom(numbers.as("series")).selectAll();
  let sum = 0;
  for await (const { n } of query.stream(100)) sum += n;
  expect(sum).toBe(31_375);
  const first: number[] = [];
  for await (const { n } of query.stream(10)) {
    first.push(n);
    if (n === 3) break;
  }
  expect(first).toEqual([1, 2, 3]);
});

test("one connection, raw SQL, introspection, errors", async () => {
  const pids = await db
    .connection()
    .execute(async (one) => [
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(one)).rows[0]?.pid,
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(one)).rows[0]?.pid,
    ]);
  expect(pids[0]).toBe(pids[1]);
  const tables = await db.introspection.getTables();
  expect(tables.filter((table) => table.schema === schema).map(({ name }) => name)).toContain("kysely_pet");
  await expect(db.insertInto("kyselyPerson").values({ firstName: "Ada" }).execute()).rejects.toMatchObject({
    code: "23505",
    constraint: "kysely_person_first_name_key",
  });
});
