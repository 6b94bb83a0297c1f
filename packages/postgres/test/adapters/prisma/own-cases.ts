// Where our adapter is its own: the client underneath, trouble on the way, and values that Prisma's own adapter shifts,
// loses or refuses.

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { prismaAdapter, type PrismaOptions } from "../../../src/adapters/prisma.ts";
import { postgres, type PostgresOptions, type Sql } from "../../../src/index.ts";
import { refusal, type Prisma, type PrismaModule } from "./cases.ts";
import { tables } from "./tables.ts";

export function ownTests({ PrismaClient }: PrismaModule): void {
  const { url } = inject("services").postgres;
  const schema = `prisma_${crypto.randomUUID().slice(0, 8)}`;
  const admin = postgres(url);
  beforeAll(() => admin.begin((tx) => tx.unsafe(tables(schema))));
  afterAll(async () => {
    await admin.unsafe(`drop schema ${schema} cascade`);
    await admin.end();
  });

  /** Runs with a client of Prisma, and ends what is under it. */
  async function withPrisma(
    options: Partial<PostgresOptions> & PrismaOptions,
    work: (prisma: Prisma, sql: Sql) => Promise<void>,
  ): Promise<void> {
    const { endOnDisconnect, ...client } = options;
    const sql = postgres({ url, max: 2, ...client });
    const prisma = new PrismaClient({ adapter: prismaAdapter(sql, { schema, endOnDisconnect }) });
    try {
      await work(prisma, sql);
    } finally {
      await prisma.$disconnect();
      await sql.end();
    }
  }

  test("the client lives on when Prisma disconnects, unless it is told otherwise", async () => {
    await withPrisma({}, async (prisma, sql) => {
      await prisma.$queryRaw`select 1`;
      await prisma.$disconnect();
      expect(await prisma.$queryRaw`select 2 as n`).toEqual([{ n: 2 }]);
      expect([...(await sql`select 3 as n`)]).toEqual([{ n: 3 }]);
    });
    await withPrisma({ endOnDisconnect: true }, async (prisma, sql) => {
      await prisma.$queryRaw`select 1`;
      await prisma.$disconnect();
      await expect(sql`select 1`).rejects.toMatchObject({ code: "POOL_CLOSED" });
    });
  });

  test("the session's time zone changes no value", async () => {
    const at = new Date("2020-07-01T12:00:00.123Z");
    for (const TimeZone of ["UTC", "America/St_Johns", "Asia/Kathmandu"]) {
      await withPrisma({ settings: { TimeZone } }, async (prisma) => {
        await prisma.kinds.deleteMany();
        const data = { id: 1, stamptz: at, stamp: at, stamptzs: [at], timetz: new Date("1970-01-01T03:04:05.006Z") };
        expect(await prisma.kinds.create({ data })).toMatchObject(data);
        const [row] = await admin.unsafe(
          `select stamptz = '2020-07-01 12:00:00.123+00' and stamp = '2020-07-01 12:00:00.123' as same from ${schema}."Kinds"`,
        );
        expect([TimeZone, row]).toEqual([TimeZone, { same: true }]);
        expect(await prisma.$queryRaw`select ${at}::timestamptz as a, '10:00:00+05:30'::timetz as b`).toEqual([
          { a: at, b: new Date("1970-01-01T04:30:00.000Z") },
        ]);
      });
    }
  });

  test("dates of all years, and infinity as an error", () =>
    withPrisma({}, async (prisma) => {
      expect(
        await prisma.$queryRaw`select '0044-03-15 BC'::date as ides, '12345-01-02'::date as far,
          '0044-03-15 10:00:00.5+00 BC'::timestamptz as then, '0001-01-01 00:00:00'::timestamp as first,
          '1890-01-01 00:00:00+00:19:32'::timestamptz as amsterdam`,
      ).toEqual([
        {
          ides: new Date("-000043-03-15"),
          far: new Date("+012345-01-02"),
          then: new Date("-000043-03-15T10:00:00.500Z"),
          first: new Date("0001-01-01T00:00:00Z"),
          amsterdam: new Date("1889-12-31T23:40:28Z"),
        },
      ]);
      for (const value of ["'infinity'::date", "'-infinity'::timestamp", "'infinity'::timestamptz"]) {
        expect(await refusal(prisma.$queryRawUnsafe(`select ${value} as v`))).toMatchObject({
          code: "P2010",
          message: expect.stringContaining("infinity"),
        });
      }
      const ides = new Date("-000043-03-15T10:00:00.500Z");
      expect(await prisma.kinds.create({ data: { id: 44, stamptz: ides, stamp: ides } })).toMatchObject({
        stamptz: ides,
        stamp: ides,
      });
    }));

  test("money of thousands and below zero, lists of bytes and of times, enums in raw queries", () =>
    withPrisma({}, async (prisma) => {
      const rows = await prisma.$queryRaw`select '-1234567.89'::money as m, '{1.5,-2}'::money[] as ms`;
      expect(rows.map(({ m, ms }) => [String(m), String(ms)])).toEqual([["-1234567.89", "1.5,-2"]]);
      const byteses = [Uint8Array.of(1, 255), Uint8Array.of()];
      const times = [new Date("1970-01-01T23:59:59.999Z")];
      await prisma.kinds.create({ data: { id: 5, byteses, times } });
      expect(
        await prisma.kinds.count({ where: { id: 5, byteses: { equals: byteses }, times: { equals: times } } }),
      ).toBe(1);
      expect(await prisma.$queryRawUnsafe(`select 'the admin'::${schema}."Role" as role`)).toEqual([
        { role: "the admin" },
      ]);
    }));

  test("a commit that the server turned into a rollback is not reported as done", () =>
    withPrisma({}, async (prisma) => {
      const failing = prisma.$transaction(async (tx) => {
        await tx.user.create({ data: { email: "lost@example.org" } });
        await tx.$queryRaw`select 1/0`.catch(() => {});
      });
      expect(await refusal(failing)).toMatchObject({ message: expect.stringContaining("rolled back") });
      expect(await prisma.user.count({ where: { email: "lost@example.org" } })).toBe(0);
    }));

  test("conflicts of serializable transactions are P2034", () =>
    withPrisma({}, async (prisma) => {
      await prisma.post.deleteMany();
      const { id } = await prisma.user.create({
        data: { email: "serial@example.org", posts: { create: { title: "s" } } },
      });
      const where = { authorId: id };
      const both = await Promise.all(
        [1, 2].map(() =>
          prisma
            .$transaction(
              async (tx) => {
                const count = await tx.post.count({ where });
                await tx.post.create({ data: { title: `n${count}`, authorId: id } });
                await tx.$queryRaw`select pg_sleep(0.1)::text`;
              },
              { isolationLevel: "Serializable", maxWait: 10_000, timeout: 10_000 },
            )
            .then(
              () => "done",
              ({ code }: { code: unknown }) => code,
            ),
        ),
      );
      expect(new Set(both)).toEqual(new Set(["P2034", "done"]));
    }));

  describe("trouble on the way", () => {
    const away = new URL(url);
    away.port = "1";
    const wrong = new URL(url);
    wrong.password = "wrong";
    const nowhere = new URL(url);
    nowhere.pathname = "/nowhere";
    test.each([
      ["nobody there", away, "P1001"],
      ["a wrong password", wrong, "P1000"],
      ["a database that is not there", nowhere, "P1003"],
    ])("%s", (_, url, code) =>
      withPrisma({ url: url.href }, async (prisma) => {
        expect(await refusal(prisma.user.count())).toMatchObject({ code });
        expect(await refusal(prisma.$transaction((tx) => tx.user.count()))).toMatchObject({ code });
        expect(JSON.stringify(await refusal(prisma.user.count()))).not.toContain("wrong@");
      }),
    );

    test("a query that takes too long", () =>
      withPrisma({ queryTimeout: 100 }, async (prisma) => {
        const sleeping = prisma.user.count({ where: { id: { gte: 0 } } });
        await sleeping;
        expect(await refusal(prisma.$queryRaw`select pg_sleep(5)::text`)).toMatchObject({
          code: "P2010",
          message: expect.stringContaining("TIMEOUT"),
        });
        expect(await prisma.$queryRaw`select 1 as a`).toEqual([{ a: 1 }]);
      }));

    test("no connection left in time", () =>
      withPrisma({ max: 1, pool: { acquireTimeout: 50 } }, async (prisma) => {
        await prisma.$transaction(async () => {
          expect(await refusal(prisma.user.count())).toMatchObject({ code: "P2037" });
        });
      }));

    test("a connection that is lost in a transaction, and one that is lost while idle", () =>
      withPrisma({ max: 1 }, async (prisma) => {
        const kill = async (tx: Pick<Prisma, "$queryRaw">): Promise<void> => {
          const [backend] = await tx.$queryRaw`select pg_backend_pid() as pid`;
          await admin`select pg_terminate_backend(${backend?.["pid"]})`;
        };
        const lost = prisma.$transaction(async (tx) => {
          await tx.user.create({ data: { email: "cut@example.org" } });
          await kill(tx);
          await tx.user.count();
        });
        expect((await refusal(lost)).message).toMatch(/57P01|closed|terminat/i);
        expect(await prisma.user.count({ where: { email: "cut@example.org" } })).toBe(0);
        await kill(prisma);
        await expect.poll(() => prisma.user.count({ where: { email: "cut@example.org" } }).catch(() => -1)).toBe(0);
      }));

    test("a value that cannot be sent is refused before anything is", () =>
      withPrisma({}, async (prisma) => {
        expect(await refusal(prisma.user.create({ data: { email: "a\0b" } }))).toMatchObject({ code: "P2007" });
      }));
  });

  test("savepoints, scripts and levels, as Prisma calls them", async () => {
    const sql = postgres({ url, max: 2 });
    const adapter = await prismaAdapter(sql, { schema }).connect();
    const query = (sql: string) => ({ sql, args: [], argTypes: [] });
    expect(adapter.getConnectionInfo()).toEqual({ schemaName: schema, supportsRelationJoins: true });
    await adapter.executeScript(`create table ${schema}.s (n int); insert into ${schema}.s values (1); select ';';`);
    const tx = await adapter.startTransaction("REPEATABLE READ");
    await tx.createSavepoint("one");
    expect(await tx.executeRaw(query(`insert into ${schema}.s values (2), (3)`))).toBe(2);
    await tx.rollbackToSavepoint("one");
    await tx.releaseSavepoint("one");
    await expect(tx.createSavepoint("one; drop table s")).rejects.toMatchObject({ name: "DriverAdapterError" });
    expect((await tx.queryRaw(query("show transaction_isolation"))).rows).toEqual([["repeatable read"]]);
    await tx.commit();
    await expect(tx.executeRaw(query("select 1"))).rejects.toMatchObject({
      cause: { kind: "TransactionAlreadyClosed" },
    });
    expect((await adapter.queryRaw(query(`select n from ${schema}.s`))).rows).toEqual([[1]]);
    const undone = await adapter.startTransaction();
    await undone.executeRaw(query(`delete from ${schema}.s`));
    await undone.rollback();
    expect((await adapter.queryRaw(query(`select count(*) from ${schema}.s`))).rows).toEqual([["1"]]);
    await expect(adapter.startTransaction("; drop table s")).rejects.toMatchObject({ name: "DriverAdapterError" });
    await sql.end();
  });
}
