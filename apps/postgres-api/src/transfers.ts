// Transfers: one transaction, which may be sent again under its key without being carried out twice. Everybody who listens
// hears of it when it commits, and only then.

import { isCheckViolation, isForeignKeyViolation, type TransactionSql } from "@landline/postgres";
import { isAmount } from "./accounts.ts";
import { openDatabase, withTables } from "./database.ts";
import type { Env } from "./env.ts";
import { json, pageOf, pageResponse, Problem, readJson } from "./http.ts";

/** Where transfers are told of. */
export const CHANNEL = "transfers";

/** A transfer as the API tells it. */
interface Transfer {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly amount: string;
  /** Becomes ISO 8601 in JSON. */
  readonly made_at: Date;
}

interface Order {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly amount: string;
}

const LARGEST_ID = "9223372036854775807";
/** For transactions that got into each other's way: the server has undone one of them. */
const RETRIES = 3;

/** GET /transfers?limit=&cursor= */
export async function listTransfers(request: Request, env: Env): Promise<Response> {
  const { limit, cursor = LARGEST_ID } = pageOf(request);
  await using sql = openDatabase(env);
  const rows = await withTables(
    sql,
    () => sql<Transfer>`
      select id, source, target, amount, made_at from transfers
      where id < ${cursor} order by id desc limit ${limit + 1}`,
  );
  return pageResponse("transfers", rows, limit);
}

/** POST /transfers {key, source, target, amount}: 201, or 200 for a key that has been carried out already. */
export async function transfer(request: Request, env: Env): Promise<Response> {
  const order = orderOf(await readJson(request));
  await using sql = openDatabase(env);
  try {
    const { made, isNew } = await withTables(sql, () =>
      sql.begin({ modes: "isolation level read committed", retries: RETRIES }, (tx) => carryOut(tx, order)),
    );
    return json({ transfer: made }, { status: isNew ? 201 : 200 });
  } catch (error) {
    if (isCheckViolation(error)) throw new Problem(409, "insufficient_funds", "The account has less than that.");
    if (isForeignKeyViolation(error)) throw new Problem(404, "no_such_account", "There is no such account.");
    throw error;
  }
}

async function carryOut(tx: TransactionSql, order: Order): Promise<{ made: Transfer; isNew: boolean }> {
  const { key, source, target, amount } = order;
  const [made] = await tx<Transfer>`
    insert into transfers ${tx({ key, source, target, amount })} on conflict (key) do nothing
    returning id, source, target, amount, made_at`;
  if (made === undefined) return { made: await earlier(tx, order), isNew: false };
  // In the order of their ids, so that two transfers between the same accounts never wait for each other; and no stronger than
  // an update, for the references above hold a weak lock on both already.
  await tx`select from accounts where id in ${tx([source, target])} order by id for no key update`;
  // One flight: neither has to know what became of the other.
  await Promise.all([
    tx`update accounts set balance = balance - ${amount} where id = ${source}`,
    tx`update accounts set balance = balance + ${amount} where id = ${target}`,
    tx.notify(CHANNEL, JSON.stringify(made)),
  ]);
  return { made, isNew: true };
}

async function earlier(tx: TransactionSql, { key, source, target, amount }: Order): Promise<Transfer> {
  const [made] = await tx<Transfer>`
    select id, source, target, amount, made_at from transfers
    where key = ${key} and source = ${source} and target = ${target} and amount = ${amount}`;
  if (made === undefined) throw new Problem(409, "key_reused", "That key belongs to another transfer.");
  return made;
}

function orderOf({ key, source, target, amount }: Record<string, unknown>): Order {
  if (typeof key !== "string" || !/^[\w-]{1,64}$/.test(key))
    throw new Problem(400, "invalid_key", "The key is 1 to 64 letters, digits, - and _, made anew for each transfer.");
  if (!isId(source) || !isId(target))
    throw new Problem(400, "invalid_account", "An account is told by its id, a string.");
  if (source === target) throw new Problem(400, "invalid_account", "A transfer goes to another account.");
  if (!isAmount(amount) || Number(amount) === 0)
    throw new Problem(400, "invalid_amount", 'The amount is a positive one, such as "12.50".');
  return { key, source, target, amount };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,18}$/.test(value);
}
