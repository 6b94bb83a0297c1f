import { postgres } from "@landline/postgres";
import type { Services } from "./services.ts";

export async function use(services: Services): Promise<string> {
  await using sql = postgres(services.postgres.url);
  const [row] = await sql<{ answer: number }>`select ${6}::int * 7 as answer`;
  return `the answer is ${row?.answer}`;
}
