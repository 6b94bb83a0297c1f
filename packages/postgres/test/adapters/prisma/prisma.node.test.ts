// Prisma on Node, over our client and over Prisma's own adapter with node-postgres: the same is expected of both.

import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { expect, expectTypeOf, inject, test } from "vitest";
import { prismaAdapter } from "../../../src/adapters/prisma.ts";
import { TYPES } from "../../pg/cases.ts";
import { prismaTests, type Prisma, type PrismaModule } from "./cases.ts";
import { ours } from "./ours.ts";
import { ownTests } from "./own-cases.ts";

// The file is made before the tests run, and is not there for the type checker.
const generated = (await import("./node.gen/client.ts" as string)) as PrismaModule;

/** Prisma's own adapter, over node-postgres. */
function theirs(schema: string): PrismaPg {
  const { ca, postgres } = inject("services");
  const url = new URL(postgres.url);
  return new PrismaPg(
    {
      host: postgres.hostname,
      port: postgres.port,
      database: postgres.database,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      ssl: { ca: ca.pem },
      max: 4,
    },
    { schema },
  );
}

prismaTests("over the sql client", ours(generated));
prismaTests("over Prisma's own adapter", (schema) => {
  const prisma = new generated.PrismaClient({ adapter: theirs(schema) });
  return Promise.resolve({ prisma, end: () => prisma.$disconnect() });
});
ownTests(generated);

test("the adapter is one to Prisma's types", () => {
  expectTypeOf(prismaAdapter).returns.toExtend<SqlDriverAdapterFactory>();
});

/** Where the other adapter gives something else than what is in the database, or nothing. */
const DIFFERENT = new Set([
  "'infinity'::date",
  "'-infinity'::timestamp",
  "'0044-03-15 BC'::date",
  "'0044-03-15 10:00:00+00 BC'::timestamptz",
  "'12:34:56+02'::timetz",
]);

test("raw queries see every type as Prisma's own adapter sees it", async () => {
  const [own, other] = [await ours(generated)("public"), new generated.PrismaClient({ adapter: theirs("public") })];
  const seen = async (prisma: Prisma, type: string): Promise<unknown> =>
    prisma.$queryRawUnsafe(`select ${type} as v`).then(
      // Decimals and bytes have classes of their own.
      (rows) => JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
      ({ code, message }: { code: string; message: string }) => ({
        code,
        // Ours says which type that is.
        message: message
          .split("\n")
          .at(-1)
          ?.replace(/'OID \d+'/, "'Unknown'"),
      }),
    );
  for (const type of TYPES.filter((each) => !DIFFERENT.has(each))) {
    expect([type, await seen(own.prisma, type)]).toEqual([type, await seen(other, type)]);
  }
  await own.end();
  await other.$disconnect();
});
