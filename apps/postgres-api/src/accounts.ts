// Accounts: made with a balance, and listed. Amounts are strings on their way through, because numeric is exact and a
// JavaScript number is not.

import { openDatabase, withTables } from "./database.ts";
import type { Env } from "./env.ts";
import { json, pageOf, pageResponse, Problem, readJson } from "./http.ts";

/** An account as the API tells it. */
interface Account {
  readonly id: string;
  readonly name: string;
  readonly balance: string;
}

const MAX_NAME = 100;
const LARGEST_ID = "9223372036854775807";

/** GET /accounts?limit=&cursor= */
export async function listAccounts(request: Request, env: Env): Promise<Response> {
  const { limit, cursor = LARGEST_ID } = pageOf(request);
  await using sql = openDatabase(env);
  // By the key and not by an offset: a page costs the same wherever it is, and none is shifted by what is new.
  const rows = await withTables(
    sql,
    () => sql<Account>`select id, name, balance from accounts where id < ${cursor} order by id desc limit ${limit + 1}`,
  );
  return pageResponse("accounts", rows, limit);
}

/** POST /accounts {name, balance} */
export async function openAccount(request: Request, env: Env): Promise<Response> {
  const { name, balance = "0" } = await readJson(request);
  if (typeof name !== "string" || name.trim() === "" || name.length > MAX_NAME || name.includes("\0"))
    throw new Problem(400, "invalid_name", `The name is a text of 1 to ${MAX_NAME} characters.`);
  if (!isAmount(balance)) throw new Problem(400, "invalid_balance", 'The balance is an amount such as "12.50".');
  await using sql = openDatabase(env);
  const [account] = await withTables(
    sql,
    () => sql<Account>`insert into accounts ${sql({ name: name.trim(), balance })} returning id, name, balance`,
  );
  return json({ account }, { status: 201 });
}

/** Whether it is what an amount is written as: a string, so that no cent is lost. */
export function isAmount(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,12}(\.\d{1,2})?$/.test(value);
}
