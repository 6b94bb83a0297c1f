// The load on Postgres: every query brings a number of its own, which its answer must bring back; every insert leaves a
// mark, and its outcome is held against the table at the end.

import { postgres, type Sql } from "@landline/postgres";
import type { Random } from "@landline/core/testing";
import { COPIED, PostgresStreams } from "./postgres-streams.ts";
import { ABORTED, Ledger, ROLLED_BACK, type Verdict, type Watch, WrongAnswer } from "./watch.ts";
import { pick } from "./weather.ts";

/** Within which every call must settle: waiting for a connection, the query, its cancellation, and a busy machine. */
const DEADLINE = 15_000;
const TIMES = { connectTimeout: 2_000, queryTimeout: 1_500, cancelTimeout: 1_000 };
/** Rows of a transaction, which must be there together. */
const TOGETHER = 3;

/** Options of a load. */
export interface LoadOptions {
  /** Part of every name at the server, so that two loads do not meet. A word in lower case. */
  readonly name: string;
  readonly url: string;
  /** The server without a proxy, for the check at the end. */
  readonly directUrl: string;
  /** The authority to trust; without one, the load goes in the clear. */
  readonly ca: string | undefined;
  readonly watch: Watch;
  readonly random: Random;
}

/** A load: steps that may run side by side, and the reckoning. */
export interface Load {
  prepare(): Promise<void>;
  /** One random call, or several that belong together. Never rejects. */
  step(): Promise<void>;
  /** The server itself breaks connections. */
  strike(): Promise<void>;
  /** Closes the client. */
  end(): Promise<void>;
  /** Holds what the client told against what the server holds. Called once the proxies are closed. */
  reckon(): Promise<void>;
}

/** See the head of the file. */
export class PostgresLoad implements Load {
  readonly #options: LoadOptions;
  readonly #sql: Sql;
  readonly #marks = new Ledger();
  readonly #transactions = new Ledger();
  readonly #application: string;
  readonly #marksTable: string;
  readonly #transactionsTable: string;
  readonly #copiesTable: string;
  readonly #streams: PostgresStreams;
  #number = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#application = `soak ${options.name}`;
    this.#marksTable = `soak_marks_${options.name}`;
    this.#transactionsTable = `soak_transactions_${options.name}`;
    this.#copiesTable = `soak_copies_${options.name}`;
    this.#sql = postgres({
      url: options.url,
      ...tlsOf(options),
      max: 6,
      pool: { maxUses: 200, acquireTimeout: 3_000 },
      applicationName: this.#application,
      ...TIMES,
    });
    this.#streams = new PostgresStreams({
      sql: this.#sql,
      random: options.random,
      table: this.#copiesTable,
      channel: `soak ${options.name}`,
      call: (name, start) => this.#call(name, start),
    });
  }

  async prepare(): Promise<void> {
    const [marks, transactions] = [this.#marksTable, this.#transactionsTable];
    await this.#directly((sql) =>
      sql.unsafe(
        `create table ${marks} (id int not null); create table ${transactions} (id int not null, part int not null);
         create table ${this.#copiesTable} (id int not null, part int not null)`,
      ),
    );
  }

  async step(): Promise<void> {
    await pick(this.#options.random, [
      [30, () => this.#select()],
      [10, () => this.#burst()],
      [20, () => this.#insert()],
      [10, () => this.#abortedInsert()],
      [4, () => this.#slow()],
      [6, () => this.#refused()],
      [15, () => this.#transaction()],
      [5, () => this.#reserved()],
      [3, () => this.#large()],
      [6, () => this.#streams.cursor()],
      [4, () => this.#streams.copyOut()],
      [6, () => this.#streams.copyIn()],
      [4, () => this.#streams.notify()],
      [2, () => this.#listen()],
    ])();
  }

  /** Backends are terminated, as an administrator or a failover does it. */
  async strike(): Promise<void> {
    await this.#directly(
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${this.#application} limit 2`,
    );
  }

  async end(): Promise<void> {
    await this.#options.watch.call(`postgres ${this.#options.name} end`, 10_000, () =>
      this.#sql.end({ timeout: 3_000 }),
    );
  }

  async reckon(): Promise<void> {
    const { watch } = this.#options;
    const marks = new Map<number, number>();
    const transactions = new Map<number, number>();
    const copies = new Map<number, number>();
    await this.#directly(async (sql) => {
      for (const [table, counts] of [
        [this.#marksTable, marks],
        [this.#transactionsTable, transactions],
        [this.#copiesTable, copies],
      ] as const) {
        const rows = await sql<{ id: number; n: number }>`select id, count(*)::int as n from ${sql(table)} group by id`;
        for (const { id, n } of rows) counts.set(id, n);
      }
      // A server needs a moment to notice that its client has gone.
      const gone = performance.now() + 5_000;
      for (;;) {
        const [left] = await sql<{ n: number }>`
          select count(*)::int as n from pg_stat_activity where application_name = ${this.#application}`;
        if (left?.n === 0) break;
        if (performance.now() > gone) return watch.fail(`postgres: ${left?.n} sessions are left`);
        await sql`select pg_sleep(0.05)`;
      }
    });
    settle(this.#marks, marks, 1, `postgres ${this.#options.name} insert`, watch);
    settle(this.#transactions, transactions, TOGETHER, `postgres ${this.#options.name} transaction`, watch);
    settle(this.#streams.copies, copies, COPIED, `postgres ${this.#options.name} copy in`, watch);
  }

  /** One hears for a while; the others notify. */
  #listen(): Promise<unknown> {
    const { watch } = this.#options;
    return this.#call("listen", () =>
      this.#streams.listen((what) => watch.fail(`postgres ${this.#options.name} ${what}`)),
    );
  }

  #select(): Promise<unknown> {
    const id = ++this.#number;
    return this.#call("select", async () => {
      const rows = await this.#sql<{ id: number; text: string }>`select ${id}::int as id, ${`t${id}`}::text as text`;
      expectOne(rows, id);
    });
  }

  #burst(): Promise<unknown> {
    return Promise.all(Array.from({ length: 8 }, () => this.#select()));
  }

  /** A value larger than a chunk, whose length and ends are its number. */
  #large(): Promise<unknown> {
    const id = ++this.#number;
    return this.#call("large", async () => {
      const [row] = await this.#sql<{ id: number; text: string }>`
        select ${id}::int as id, repeat(${`${id},`}::text, 20000) as text`;
      if (row?.id !== id || row.text !== `${id},`.repeat(20_000)) throw wrong("large");
    });
  }

  async #insert(): Promise<void> {
    const id = this.#marks.next();
    const verdict = await this.#call(
      "insert",
      () => this.#sql`insert into ${this.#sql(this.#marksTable)} values (${id})`,
    );
    this.#marks.set(id, verdict);
  }

  async #abortedInsert(): Promise<void> {
    const id = this.#marks.next();
    const abort = aborter(this.#options.random, 30);
    const verdict = await this.#call("aborted insert", () =>
      this.#sql`insert into ${this.#sql(this.#marksTable)} select ${id} from pg_sleep(0.01)`.signal(abort.signal),
    );
    abort.clear();
    this.#marks.set(id, verdict);
  }

  #slow(): Promise<unknown> {
    const id = ++this.#number;
    return this.#call("slow", async () => {
      const rows = await this.#sql<{ id: number; text: string }>`
        select ${id}::int as id, ${`t${id}`}::text as text from pg_sleep(0.2)`.timeout(
        1 + this.#options.random() * 400,
      );
      expectOne(rows, id);
    });
  }

  #refused(): Promise<unknown> {
    const id = ++this.#number;
    return this.#call("division", async () => {
      await this.#sql`select ${id}::int / 0`;
      throw wrong("division by zero");
    });
  }

  async #transaction(): Promise<void> {
    const { random } = this.#options;
    const id = this.#transactions.next();
    const table = this.#sql(this.#transactionsTable);
    const rollBack = random() < 0.2;
    const abort = random() < 0.2 ? aborter(random, 40) : undefined;
    const verdict = await this.#call("transaction", () =>
      this.#sql.begin(abort === undefined ? {} : { signal: abort.signal }, async (tx) => {
        for (let part = 0; part < TOGETHER - 1; part++) await tx`insert into ${table} values (${id}, ${part})`;
        await tx.savepoint(async (inner) => {
          await inner`insert into ${table} values (${id}, ${TOGETHER - 1})`;
        });
        const [row] = await tx<{ n: number }>`select count(*)::int as n from ${table} where id = ${id}`;
        if (row?.n !== TOGETHER) throw wrong("transaction");
        if (rollBack) throw ROLLED_BACK;
      }),
    );
    abort?.clear();
    this.#transactions.set(id, verdict);
  }

  /** Several queries pipelined on one connection, one of which fails. */
  #reserved(): Promise<unknown> {
    return this.#call("reserve", async () => {
      await using sql = await this.#sql.reserve();
      const ids = Array.from({ length: 6 }, () => ++this.#number);
      const answers = await Promise.allSettled(
        ids.map((id, index) =>
          index === 2
            ? sql`select ${id}::int / 0`
            : sql<{ id: number; text: string }>`select ${id}::int as id, ${`t${id}`}::text as text`,
        ),
      );
      for (const [index, answer] of answers.entries()) {
        if (index === 2 && answer.status === "fulfilled") throw wrong("reserve");
        if (index !== 2 && answer.status === "rejected") throw answer.reason;
        if (index !== 2 && answer.status === "fulfilled")
          expectOne(answer.value as { id: number; text: string }[], ids[index]!);
      }
    });
  }

  #call(name: string, start: () => PromiseLike<unknown>) {
    return this.#options.watch.call(`postgres ${this.#options.name} ${name}`, DEADLINE, async () => {
      await start();
    });
  }

  async #directly(work: (sql: Sql) => PromiseLike<unknown>): Promise<void> {
    const sql = postgres({ url: this.#options.directUrl, ...tlsOf(this.#options), max: 1 });
    try {
      await work(sql);
    } finally {
      await sql.end();
    }
  }
}

function tlsOf({ ca }: LoadOptions): { tls: "off" | { mode: "starttls"; ca: string } } {
  return { tls: ca === undefined ? "off" : { mode: "starttls", ca } };
}

function expectOne(rows: readonly { readonly id: number; readonly text: string }[], id: number): void {
  const [row] = rows;
  if (rows.length !== 1 || row?.id !== id || row.text !== `t${id}`) throw wrong("select");
}

function wrong(what: string): WrongAnswer {
  return new WrongAnswer(`${what}: the answer is another's`);
}

/** A signal that aborts within so many milliseconds, unless it is cleared. */
export function aborter(random: Random, most: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(ABORTED), random() * most);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** How many marks may be there, by what was told. */
const ALLOWED: Readonly<Record<Verdict, (count: number) => readonly number[]>> = {
  done: (count) => [count],
  unsent: () => [0],
  refused: () => [0],
  unknown: (count) => [0, count],
};

/** What was told against what is: `count` marks when it was done, none when it was not, all or none when nobody knows. */
export function settle(
  told: Ledger,
  found: ReadonlyMap<number, number>,
  count: number,
  what: string,
  watch: Watch,
): void {
  for (let id = 0; id < told.length; id++) {
    const verdict = told.get(id);
    const marks = found.get(id) ?? 0;
    if (verdict === undefined) watch.fail(`${what} ${id} has no outcome`);
    const allowed = ALLOWED[verdict ?? "unknown"](count);
    if (!allowed.includes(marks))
      watch.fail(`${what} ${id}: the outcome is ${verdict}, and ${marks} of ${count} are there`);
  }
}
