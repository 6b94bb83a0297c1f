// Prisma over the `sql` client, whatever runtime its client was generated for.

import { inject } from "vitest";
import { prismaAdapter } from "../../../src/adapters/prisma.ts";
import { postgres } from "../../../src/index.ts";
import type { PrismaDriver, PrismaModule } from "./cases.ts";

export function ours({ PrismaClient }: PrismaModule): PrismaDriver {
  return (schema) => {
    const sql = postgres({ url: inject("services").postgres.url, max: 4 });
    const prisma = new PrismaClient({ adapter: prismaAdapter(sql, { schema, endOnDisconnect: true }) });
    return Promise.resolve({ prisma, end: () => prisma.$disconnect() });
  };
}
