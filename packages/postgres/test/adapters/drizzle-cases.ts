// What programs do with Drizzle, on any driver of it.

import { and, asc, count, eq, relations as relate, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  date,
  integer,
  jsonb,
  numeric,
  pgTable,
  serial,
  text,
  timestamp,
  uuid,
  type PgDatabase,
  type PgQueryResultHKT,
} from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

const users = pgTable("users", {
  id: serial().primaryKey(),
  name: text().notNull().unique(),
  verified: boolean().notNull().default(false),
  born: date(),
  wakes: timestamp({ withTimezone: true }),
  slept: timestamp({ mode: "string" }),
  balance: numeric({ precision: 12, scale: 2 }),
  hits: bigint({ mode: "bigint" }),
  profile: jsonb().$type<{ likes: string[] }>(),
  tags: text().array(),
  days: date({ mode: "date" }).array(),
  key: uuid(),
  raw: bytea(),
});
const posts = pgTable("posts", {
  id: serial().primaryKey(),
  author: integer()
    .notNull()
    .references(() => users.id),
  title: text().notNull(),
});

const relations = {
  users,
  posts,
  userRelations: relate(users, ({ many }) => ({ posts: many(posts) })),
  postRelations: relate(posts, ({ one }) => ({
    author: one(users, { fields: [posts.author], references: [users.id] }),
  })),
};

/** A driver under test: makes a database over connections to `schema`. */
export type DrizzleDriver = (
  schema: string,
  tables: Record<string, unknown>,
) => { readonly db: object; end(): Promise<unknown> };

const UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

export function drizzleTests(driver: DrizzleDriver): void {
  // Each runtime has a schema of its own: both may run at once.
  const schema = `drizzle_${crypto.randomUUID().slice(0, 8)}`;
  const made = driver(schema, relations);
  const db = made.db as PgDatabase<PgQueryResultHKT, typeof relations>;
  beforeAll(async () => {
    await db.execute(sql`create schema ${sql.identifier(schema)}`);
    await db.execute(sql`
      create table users (id serial primary key, name text not null unique, verified boolean not null default false,
        born date, wakes timestamptz, slept timestamp, balance numeric(12, 2), hits bigint, profile jsonb, tags text[],
        days date[], key uuid, raw bytea)`);
    await db.execute(
      sql`create table posts (id serial primary key, author int not null references users, title text not null)`,
    );
    await db.insert(users).values([
      {
        name: "Ada",
        verified: true,
        born: "1815-12-10",
        wakes: new Date("2020-02-29T12:34:56.789Z"),
        slept: "2020-02-29 01:02:03.456",
        balance: "1234567890.12",
        hits: 9_007_199_254_740_993n,
        profile: { likes: ["tea", '"quotes"'] },
        tags: ["a,b", "c"],
        days: [new Date("2020-01-02")],
        key: UUID,
        raw: Uint8Array.of(0, 255),
      },
      { name: "Grace" },
    ]);
    await db.insert(posts).values([
      { author: 1, title: "one" },
      { author: 1, title: "two" },
    ]);
  });

  afterAll(async () => {
    await db.execute(sql`drop schema ${sql.identifier(schema)} cascade`);
    await made.end();
  });

  test("every type comes back as it was given", async () => {
    const [ada, grace] = await db.select().from(users).orderBy(asc(users.id));
    const { raw, ...rest } = ada!;
    expect(rest).toEqual({
      id: 1,
      name: "Ada",
      verified: true,
      born: "1815-12-10",
      wakes: new Date("2020-02-29T12:34:56.789Z"),
      slept: "2020-02-29 01:02:03.456",
      balance: "1234567890.12",
      hits: 9_007_199_254_740_993n,
      profile: { likes: ["tea", '"quotes"'] },
      tags: ["a,b", "c"],
      days: [new Date("2020-01-02")],
      key: UUID,
    });
    expect([...raw!]).toEqual([0, 255]);
    expect(grace).toMatchObject({
      id: 2,
      born: null,
      wakes: null,
      balance: null,
      profile: null,
      tags: null,
      raw: null,
    });
  });

  test("inserts, upserts, updates, deletes, returning", async () => {
    const [made] = await db.insert(users).values({ name: "Temp" }).returning({ id: users.id });
    const [changed] = await db
      .insert(users)
      .values({ name: "Temp" })
      .onConflictDoUpdate({ target: users.name, set: { verified: true } })
      .returning();
    expect(changed).toMatchObject({ id: made!.id, verified: true });
    await db
      .update(users)
      .set({ profile: { likes: [] } })
      .where(eq(users.id, made!.id));
    expect(await db.delete(users).where(eq(users.name, "Temp")).returning({ profile: users.profile })).toEqual([
      { profile: { likes: [] } },
    ]);
  });

  test("joins, aggregates, conditions", async () => {
    const rows = await db
      .select({ name: users.name, posts: count(posts.id) })
      .from(users)
      .leftJoin(posts, eq(posts.author, users.id))
      .where(and(eq(users.verified, true)))
      .groupBy(users.id);
    expect(rows).toEqual([{ name: "Ada", posts: 2 }]);
    const nested = await db.select().from(posts).innerJoin(users, eq(posts.author, users.id)).limit(1);
    expect(nested[0]).toMatchObject({ posts: { title: "one" }, users: { name: "Ada" } });
    expect(await db.$count(users)).toBe(2);
  });

  test("relational queries", async () => {
    const found = await db.query.users.findMany({
      columns: { name: true, wakes: true },
      with: { posts: { columns: { title: true }, orderBy: asc(posts.id) } },
      orderBy: asc(users.id),
    });
    expect(found).toEqual([
      { name: "Ada", wakes: new Date("2020-02-29T12:34:56.789Z"), posts: [{ title: "one" }, { title: "two" }] },
      { name: "Grace", wakes: null, posts: [] },
    ]);
    const first = await db.query.posts.findFirst({ with: { author: { columns: { name: true } } } });
    expect(first).toMatchObject({ title: "one", author: { name: "Ada" } });
  });

  test("prepared statements with placeholders", async () => {
    const byName = db
      .select({ id: users.id })
      .from(users)
      .where(eq(users.name, sql.placeholder("name")))
      .prepare("by_name");
    expect([await byName.execute({ name: "Ada" }), await byName.execute({ name: "nobody" })]).toEqual([
      [{ id: 1 }],
      [],
    ]);
  });

  test("transactions commit, roll back, and nest", async () => {
    await expect(
      db.transaction(async (tx) => {
        await tx.insert(users).values({ name: "Nobody" });
        tx.rollback();
      }),
    ).rejects.toThrow("Rollback");
    const inner = db.transaction(
      async (tx) => {
        await tx.insert(users).values({ name: "Kept" });
        await tx
          .transaction(async (nested) => {
            await nested.insert(users).values({ name: "Dropped" });
            throw new Error("inner");
          })
          .catch(() => {});
        await tx.transaction(async (nested) => {
          await nested.insert(users).values({ name: "Kept too" });
        });
        return (
          await tx
            .select({ level: sql<string>`current_setting('transaction_isolation')` })
            .from(users)
            .limit(1)
        )[0];
      },
      { isolationLevel: "serializable", accessMode: "read write" },
    );
    expect(await inner).toEqual({ level: "serializable" });
    const kept = await db
      .delete(users)
      .where(sql`${users.id} > 2`)
      .returning({ name: users.name });
    expect(kept).toEqual([{ name: "Kept" }, { name: "Kept too" }]);
  });

  test("raw SQL has rows and a count", async () => {
    const result = (await db.execute(sql`select 1 as a, ${"x"}::text as b`)) as unknown as {
      rows: unknown[];
      rowCount: number;
    };
    expect([result.rows, result.rowCount]).toEqual([[{ a: 1, b: "x" }], 1]);
  });

  test("errors tell the constraint", async () => {
    const error = await db
      .insert(users)
      .values({ name: "Ada" })
      .then(
        () => undefined,
        (thrown: unknown) => thrown as { cause: unknown },
      );
    expect(error?.cause).toMatchObject({ code: "23505", constraint: "users_name_key" });
  });
}
