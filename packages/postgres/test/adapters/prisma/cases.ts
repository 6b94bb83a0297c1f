// What programs do with Prisma, on any adapter of it. They run on Prisma's own as well, so that what is expected here is not
// what we think of it.

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { postgres } from "../../../src/index.ts";
import { tables } from "./tables.ts";

type Row = Record<string, unknown>;
type Method<T> = (args?: object) => Promise<T>;

/** A model, as far as it is used here. The generated types are not there until the tests run. */
interface Model {
  create: Method<Row & { id: number }>;
  createMany: Method<{ count: number }>;
  createManyAndReturn: Method<Row[]>;
  findUnique: Method<Row | null>;
  findUniqueOrThrow: Method<Row>;
  findMany: Method<Row[]>;
  update: Method<Row>;
  updateMany: Method<{ count: number }>;
  upsert: Method<Row>;
  delete: Method<Row>;
  deleteMany: Method<{ count: number }>;
  count: Method<number>;
  aggregate: Method<Row>;
  groupBy: Method<Row[]>;
}

/** What a transaction has. */
interface Models {
  readonly user: Model;
  readonly profile: Model;
  readonly post: Model;
  readonly tag: Model;
  readonly kinds: Model;
  $queryRaw(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
  $executeRaw(strings: TemplateStringsArray, ...values: unknown[]): Promise<number>;
  $queryRawUnsafe(text: string, ...values: unknown[]): Promise<Row[]>;
}

/** A PrismaClient. */
export interface Prisma extends Models {
  $transaction<T>(work: (tx: Models) => Promise<T>, options?: object): Promise<T>;
  $transaction(queries: readonly Promise<unknown>[], options?: object): Promise<unknown[]>;
  $connect(): Promise<void>;
  $disconnect(): Promise<void>;
}

/** The generated module. */
export interface PrismaModule {
  readonly PrismaClient: new (options: { adapter: unknown }) => Prisma;
}

/** Makes a client over connections whose tables are in `schema`. */
export type PrismaDriver = (schema: string) => Promise<{ readonly prisma: Prisma; end(): Promise<unknown> }>;

/** An error as Prisma's users look at it. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  return promise.then(
    (value) => {
      throw new Error(`this was to fail, and gave ${String(value)}`);
    },
    (error: { code?: unknown; message: string }) => ({ code: error.code, message: error.message }),
  );
}

const KINDS = {
  int: -2_147_483_648,
  small: 32_767,
  oid: 7,
  big: 9_223_372_036_854_775_807n,
  float: 0.1,
  real: 1.5,
  bool: true,
  string: 'ä€😀 "quoted" \\ back',
  char: "x   ",
  varchar: "v",
  uuid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
  inet: "192.168.0.1",
  bit: "101",
  xml: "<a>b</a>",
  bytes: Uint8Array.of(0, 255, 16),
  json: { a: [1, null, "x"] },
  jsonb: [{ b: 'q"' }, 2],
  role: "ADMIN",
  date: new Date("2020-02-29"),
  time: new Date("1970-01-01T12:34:56.789Z"),
  timetz: new Date("1970-01-01T01:02:03.004Z"),
  stamp: new Date("2020-02-29T12:34:56.789Z"),
  stamptz: new Date("1969-07-20T20:17:40.123Z"),
  ints: [1, -2],
  bigs: [9_223_372_036_854_775_807n, -1n],
  floats: [0.1, 1e300],
  bools: [true, false],
  strings: ["a,b", 'q"', "\\", "", "NULL", "{}"],
  uuids: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  byteses: [Uint8Array.of(1, 255), new Uint8Array()],
  jsons: [{ a: 1 }, [2], "x"],
  roles: ["USER", "ADMIN"],
  dates: [new Date("2020-01-02"), new Date("1815-12-10")],
  times: [new Date("1970-01-01T23:59:59.999Z")],
  stamps: [new Date("2020-01-02T03:04:05.006Z")],
  stamptzs: [new Date("2020-01-02T03:04:05.006Z"), new Date(0)],
};
/** Decimals have a class of their own, and are compared as text. */
const DECIMALS = {
  decimal: "123456789012345678901234567890.0123456789",
  money: "1234.5",
  decimals: ["1.1", "-99999999999999999999.5"],
};

/** A Decimal, without an exponent. */
function digits(decimal: unknown): string {
  return (decimal as { toFixed(): string }).toFixed();
}

function plain(row: Row | null): Row {
  const { decimal, money, decimals, id: _, ...rest } = row as Row;
  const bytes = (value: unknown): unknown => Uint8Array.from(value as Uint8Array);
  return {
    ...rest,
    bytes: bytes(rest["bytes"]),
    byteses: (rest["byteses"] as unknown[]).map(bytes),
    decimal: digits(decimal),
    money: digits(money),
    decimals: (decimals as unknown[]).map(digits),
  };
}

export function prismaTests(name: string, driver: PrismaDriver): void {
  describe(`${name}`, () => {
    const schema = `prisma_${crypto.randomUUID().slice(0, 8)}`;
    let prisma: Prisma;
    let end: () => Promise<unknown>;

    beforeAll(async () => {
      const sql = postgres(inject("services").postgres.url);
      await sql.begin((tx) => tx.unsafe(tables(schema)));
      await sql.end();
      ({ prisma, end } = await driver(schema));
    });
    afterAll(async () => {
      await end();
      const sql = postgres(inject("services").postgres.url);
      await sql.unsafe(`drop schema ${schema} cascade`);
      await sql.end();
    });

    test("a row is made, found, changed, and deleted", async () => {
      const made = await prisma.user.create({ data: { email: "ada@crud.example", name: "Ada" } });
      expect(made).toEqual({
        id: expect.any(Number),
        email: "ada@crud.example",
        name: "Ada",
        role: "USER",
        made: expect.any(Date),
      });
      const where = { email: "ada@crud.example" };
      expect(await prisma.user.findUnique({ where })).toEqual(made);
      expect(await prisma.user.update({ where, data: { role: "ADMIN", name: null } })).toEqual({
        ...made,
        role: "ADMIN",
        name: null,
      });
      expect(
        await prisma.user.upsert({
          where,
          create: { email: "never" },
          update: { name: "Again" },
          select: { name: true },
        }),
      ).toEqual({ name: "Again" });
      expect(await prisma.user.delete({ where, select: { role: true } })).toEqual({ role: "ADMIN" });
      expect(await prisma.user.findUnique({ where })).toBeNull();
    });

    test("many at once, filters, order, pages, aggregates, groups", async () => {
      const { id: authorId } = await prisma.user.create({ data: { email: "many@example.org" } });
      const data = Array.from({ length: 7 }, (_, likes) => ({
        title: `t${likes}`,
        likes,
        authorId,
        published: likes > 2,
      }));
      expect(await prisma.post.createMany({ data })).toEqual({ count: 7 });
      expect(
        await prisma.post.createManyAndReturn({ data: [{ title: "returned", authorId }], select: { title: true } }),
      ).toEqual([{ title: "returned" }]);
      const where = { authorId, title: { startsWith: "t" } };
      expect(
        await prisma.post.findMany({
          where: { ...where, OR: [{ likes: { in: [1, 5] } }, { NOT: { likes: { lt: 4 } } }] },
          orderBy: { likes: "desc" },
          skip: 1,
          take: 2,
          select: { likes: true },
        }),
      ).toEqual([{ likes: 5 }, { likes: 4 }]);
      expect(await prisma.post.count({ where: { authorId, title: { contains: "RETURN", mode: "insensitive" } } })).toBe(
        1,
      );
      expect(
        await prisma.post.aggregate({ where, _sum: { likes: true }, _avg: { likes: true }, _max: { title: true } }),
      ).toEqual({ _sum: { likes: 21 }, _avg: { likes: 3 }, _max: { title: "t6" } });
      expect(
        await prisma.post.groupBy({ by: ["published"], where, _count: true, orderBy: { published: "asc" } }),
      ).toEqual([
        { published: false, _count: 3 },
        { published: true, _count: 4 },
      ]);
      expect(await prisma.post.updateMany({ where, data: { likes: { increment: 10 } } })).toEqual({ count: 7 });
      expect(await prisma.post.deleteMany({ where: { likes: { gte: 10 } } })).toEqual({ count: 7 });
    });

    test("relations: nested writes, include, filters over them, many to many", async () => {
      const made = await prisma.user.create({
        data: {
          email: "nested@example.org",
          profile: { create: { bio: "of few words" } },
          posts: {
            create: [
              { title: "first", tags: { create: [{ name: "red" }, { name: "blue" }] } },
              { title: "second", tags: { connectOrCreate: [{ where: { name: "green" }, create: { name: "green" } }] } },
            ],
          },
        },
      });
      const found = await prisma.user.findUniqueOrThrow({
        where: { id: made.id },
        select: {
          email: true,
          profile: { select: { bio: true } },
          posts: {
            orderBy: { id: "asc" },
            select: { title: true, tags: { select: { name: true }, orderBy: { name: "asc" } } },
          },
          _count: { select: { posts: true } },
        },
      });
      expect(found).toEqual({
        email: "nested@example.org",
        profile: { bio: "of few words" },
        posts: [
          { title: "first", tags: [{ name: "blue" }, { name: "red" }] },
          { title: "second", tags: [{ name: "green" }] },
        ],
        _count: { posts: 2 },
      });
      expect(
        await prisma.user.findMany({
          where: { posts: { some: { tags: { some: { name: "red" } } } } },
          select: { email: true },
        }),
      ).toEqual([{ email: "nested@example.org" }]);
      const changed = await prisma.post.findMany({
        where: { author: { is: { id: made.id } } },
        orderBy: { id: "asc" },
      });
      await prisma.user.update({
        where: { id: made.id },
        data: {
          posts: {
            update: {
              where: { id: changed[0]?.["id"] },
              data: { title: "changed", tags: { disconnect: { name: "red" } } },
            },
            delete: { id: changed[1]?.["id"] },
          },
        },
      });
      expect(
        await prisma.post.findMany({
          where: { authorId: made.id },
          select: { title: true, tags: { select: { name: true } } },
        }),
      ).toEqual([{ title: "changed", tags: [{ name: "blue" }] }]);
    });

    test("a nested write that fails leaves nothing", async () => {
      const failing = prisma.user.create({
        data: { email: "half@example.org", profile: { create: { bio: "x".repeat(21) } } },
      });
      expect(await refusal(failing)).toMatchObject({ code: "P2000" });
      expect(await prisma.user.findUnique({ where: { email: "half@example.org" } })).toBeNull();
    });

    test("every type comes back as it was given", async () => {
      const created = await prisma.kinds.create({ data: { id: 1, ...KINDS, ...DECIMALS } });
      expect(plain(created)).toEqual({ ...KINDS, ...DECIMALS });
      expect(plain(await prisma.kinds.findUnique({ where: { id: 1 } }))).toEqual({ ...KINDS, ...DECIMALS });
    });

    test("nothing comes back as null, and as empty lists", async () => {
      const row = await prisma.kinds.create({ data: { id: 2 } });
      const nothing = ([name, value]: [string, unknown]): [string, unknown] => [name, Array.isArray(value) ? [] : null];
      expect(row).toEqual({
        id: 2,
        ...Object.fromEntries(Object.entries({ ...KINDS, ...DECIMALS, jsonb: {} }).map(nothing)),
      });
    });

    test("every type can be asked for", async () => {
      await prisma.kinds.create({ data: { id: 3, ...KINDS, ...DECIMALS } });
      // JSON has no equality, and XML neither; for lists of bytes and times see where the adapters differ.
      const apart = new Set(["json", "jsonb", "xml", "jsons", "byteses", "times"]);
      for (const [name, value] of Object.entries({ ...KINDS, ...DECIMALS })) {
        if (apart.has(name)) continue;
        const where = { id: 3, [name]: Array.isArray(value) ? { equals: value } : value };
        expect([name, await prisma.kinds.count({ where })]).toEqual([name, 1]);
      }
      for (const where of [
        { jsonb: { equals: KINDS.jsonb } },
        { json: { path: ["a", "0"], equals: 1 } },
        { strings: { has: "a,b" } },
        { ints: { hasEvery: [1, -2] } },
        { roles: { has: "ADMIN" } },
        { decimal: { gt: "123456789012345678901234567890.0123456788" } },
        { big: { in: [1n, KINDS.big] } },
        { stamptz: { lt: new Date() } },
      ]) {
        expect([where, await prisma.kinds.count({ where: { id: 3, ...where } })]).toEqual([where, 1]);
      }
    });

    test("raw queries", async () => {
      expect(
        await prisma.$queryRaw`select ${1}::int as a, ${"x"} as b, ${null}::text as c, ${[1, 2]}::int[] as d`,
      ).toEqual([{ a: 1, b: "x", c: null, d: [1, 2] }]);
      const at = new Date("2020-01-02T03:04:05.006Z");
      expect(
        await prisma.$queryRaw`select ${at}::timestamptz as at, ${9n}::int8 as big, ${{ a: 1 }}::jsonb as json`,
      ).toEqual([{ at, big: 9n, json: { a: 1 } }]);
      expect(await prisma.$queryRawUnsafe("select $1::bool as yes, now() > $2 as later", true, at)).toEqual([
        { yes: true, later: true },
      ]);
      await prisma.$executeRaw`select 1`;
      const { id: authorId } = await prisma.user.create({ data: { email: "raw@example.org" } });
      await prisma.post.createMany({ data: [1, 2, 3].map((n) => ({ title: `raw${n}`, authorId })) });
      expect(
        await prisma.$transaction(async (tx) => {
          await tx.$queryRawUnsafe(`select set_config('search_path', '${schema}', true)`);
          return tx.$executeRaw`update "Post" set likes = 1 where title like ${"raw%"}`;
        }),
      ).toBe(3);
    });

    test("transactions commit, and roll back", async () => {
      const kept = await prisma.$transaction(
        async (tx) => {
          const { id } = await tx.user.create({ data: { email: "kept@example.org" } });
          await tx.post.create({ data: { title: "kept", authorId: id } });
          const [level] = await tx.$queryRaw`select current_setting('transaction_isolation') as level`;
          return { id, level: level?.["level"] };
        },
        { isolationLevel: "Serializable" },
      );
      expect(kept.level).toBe("serializable");
      expect(await prisma.post.count({ where: { authorId: kept.id } })).toBe(1);
      await expect(
        prisma.$transaction(async (tx) => {
          await tx.user.create({ data: { email: "dropped@example.org" } });
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      expect(await prisma.user.count({ where: { email: "dropped@example.org" } })).toBe(0);
      const both = [
        prisma.user.create({ data: { email: "batched@example.org" } }),
        prisma.user.create({ data: { email: "batched@example.org" } }),
      ];
      expect(await refusal(prisma.$transaction(both))).toMatchObject({ code: "P2002" });
      expect(await prisma.user.count({ where: { email: "batched@example.org" } })).toBe(0);
      expect(
        await prisma.$transaction([prisma.user.count({ where: { id: kept.id } }), prisma.$queryRaw`select 1 as a`]),
      ).toEqual([1, [{ a: 1 }]]);
    });

    test("a transaction that takes too long is rolled back, and its connection serves others", async () => {
      const slow = prisma.$transaction(
        async (tx) => {
          await tx.user.create({ data: { email: "slow@example.org" } });
          await tx.$queryRaw`select pg_sleep(0.3)::text`;
          await tx.user.create({ data: { email: "slower@example.org" } });
        },
        { timeout: 100 },
      );
      expect(await refusal(slow)).toMatchObject({ code: "P2028" });
      expect(await prisma.user.count({ where: { email: { startsWith: "slow" } } })).toBe(0);
      expect(await Promise.all([1, 2, 3, 4, 5].map((n) => prisma.$queryRaw`select ${n}::int as n`))).toHaveLength(5);
    });

    test("an error in a transaction is its own, and the next one works", async () => {
      const failing = prisma.$transaction(async (tx) => {
        await tx.user.create({ data: { email: "twice@example.org" } });
        await tx.user.create({ data: { email: "twice@example.org" } });
      });
      expect(await refusal(failing)).toMatchObject({ code: "P2002" });
      expect(await prisma.$transaction((tx) => tx.$queryRaw`select 1 as a`)).toEqual([{ a: 1 }]);
    });

    test("what a server refuses has Prisma's codes", async () => {
      const { id } = await prisma.user.create({
        data: { email: "codes@example.org", posts: { create: { title: "one" } } },
      });
      const cases: readonly [string, Promise<unknown>][] = [
        ["P2002", prisma.user.create({ data: { email: "codes@example.org" } })],
        ["P2003", prisma.post.create({ data: { title: "orphan", authorId: -1 } })],
        ["P2003", prisma.user.delete({ where: { id } })],
        ["P2025", prisma.user.update({ where: { id: -1 }, data: { name: "x" } })],
        ["P2025", prisma.user.findUniqueOrThrow({ where: { id: -1 } })],
        ["P2000", prisma.profile.create({ data: { bio: "x".repeat(30), userId: id } })],
        ["P2039", prisma.post.create({ data: { title: "less", likes: -1, authorId: id } })],
        ["P2020", prisma.kinds.create({ data: { id: 9, small: 40_000 } })],
        ["P2007", prisma.kinds.create({ data: { id: 9, inet: "not an address" } })],
        ["P2010", prisma.$queryRaw`select nonsense`],
        ["P2010", prisma.$queryRaw`select 'pg_class'::regclass`],
        ["P2010", prisma.$queryRaw`select 1/0`],
      ];
      for (const [code, promise] of cases) expect(await refusal(promise)).toMatchObject({ code });
    });

    test("twenty at once, on few connections", async () => {
      const rows = await Promise.all(
        Array.from({ length: 20 }, (_, n) => prisma.user.create({ data: { email: `crowd${n}@example.org` } })),
      );
      expect(new Set(rows.map(({ id }) => id)).size).toBe(20);
    });
  });
}
