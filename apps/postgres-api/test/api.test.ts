// The API, in workerd against a real Postgres.

import { postgres } from "@landline/postgres";
import { beforeAll, expect, test } from "vitest";
import { Client, createDatabase } from "./client.ts";

let url: string;
let api: Client;

beforeAll(async () => {
  url = await createDatabase();
  api = new Client({ DATABASE_URL: url });
});

interface Accounts {
  readonly accounts: { id: string; name: string; balance: string }[];
  readonly next: string | null;
}

async function balance(id: string): Promise<string | undefined> {
  const { accounts } = await api.get<Accounts>("/accounts?limit=100");
  return accounts.find((account) => account.id === id)?.balance;
}

test("those who all come first race for the tables, and each account is opened", async () => {
  const fresh = new Client({ DATABASE_URL: await createDatabase() });
  const names = ["a", "b", "c", "d", "e"];
  await Promise.all(names.map((name) => fresh.account(name)));
  const { accounts } = await fresh.get<Accounts>("/accounts");
  expect(accounts.map(({ name }) => name).sort()).toEqual(names);
});

test("pages follow each other without a gap, whatever is added meanwhile", async () => {
  const fresh = new Client({ DATABASE_URL: await createDatabase() });
  for (const name of ["1", "2", "3", "4", "5"]) await fresh.account(name);
  const first = await fresh.get<Accounts>("/accounts?limit=2");
  expect(first.accounts.map(({ name }) => name)).toEqual(["5", "4"]);
  await fresh.account("6");
  const second = await fresh.get<Accounts>(`/accounts?limit=2&cursor=${first.next}`);
  expect(second.accounts.map(({ name }) => name)).toEqual(["3", "2"]);
  const third = await fresh.get<Accounts>(`/accounts?limit=2&cursor=${second.next}`);
  expect(third).toMatchObject({ accounts: [{ name: "1" }], next: null });
});

test("a transfer moves exactly what it says", async () => {
  const [source, target] = [await api.account("Ada", "999999999999.99"), await api.account("Bob", "0.01")];
  const response = await api.transfer(source, target, "999999999999.98");
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ transfer: { source, target, amount: "999999999999.98" } });
  expect([await balance(source), await balance(target)]).toEqual(["0.01", "999999999999.99"]);
});

test("the same key twice is one transfer; for another transfer it is refused", async () => {
  const [source, target] = [await api.account("Ada", "10"), await api.account("Bob")];
  const key = crypto.randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => api.transfer(source, target, "4.00", key)));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
  const told = await Promise.all(answers.map((answer) => answer.json()));
  expect(new Set(told.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await balance(source)).toBe("6.00");
  expect((await api.transfer(source, target, "5.00", key)).status).toBe(409);
});

test("what an account does not have is not transferred, and nothing stays of the attempt", async () => {
  const [source, target] = [await api.account("Ada", "1"), await api.account("Bob")];
  const response = await api.transfer(source, target, "1.01");
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ error: { code: "insufficient_funds" } });
  expect([await balance(source), await balance(target)]).toEqual(["1.00", "0.00"]);
  expect((await api.transfer(source, "987654321", "1")).status).toBe(404);
});

test("transfers back and forth at once end as if they had come one by one", async () => {
  const [one, other] = [await api.account("Ada", "100"), await api.account("Bob", "100")];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      api.transfer(...(index % 2 ? ([one, other] as const) : ([other, one] as const)), "1"),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  expect([await balance(one), await balance(other)]).toEqual(["100.00", "100.00"]);
});

test("all transfers as CSV, though the client has been disposed of", async () => {
  const own = await createDatabase();
  const fresh = new Client({ DATABASE_URL: own });
  const [source, target] = [await fresh.account("Ada"), await fresh.account("Bob")];
  await using sql = postgres(own);
  await sql`
    insert into transfers (key, source, target, amount)
    select 'many ' || n, ${source}, ${target}, n from generate_series(1, 50000) n`;
  const response = await fresh.fetch("/transfers.csv");
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const lines = (await response.text()).trimEnd().split("\n");
  expect(lines).toHaveLength(50_001);
  expect(lines[0]).toBe("id,source,target,amount,made_at");
  expect(lines[50_000]).toMatch(/^\d+,1,2,50000\.00,/);
});

test("a client that goes away in the middle of the CSV leaves no query behind", async () => {
  const own = await createDatabase();
  const fresh = new Client({ DATABASE_URL: own });
  const [source, target] = [await fresh.account("Ada"), await fresh.account("Bob")];
  await using sql = postgres(own);
  await sql`
    insert into transfers (key, source, target, amount)
    select 'many ' || n, ${source}, ${target}, n from generate_series(1, 300000) n`;
  const response = await fresh.fetch("/transfers.csv");
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await expect
    .poll(() =>
      sql`select from pg_stat_activity where datname = current_database() and query ilike '%copy (%' and pid <> pg_backend_pid() and state = 'active'`.then(
        ({ count }) => count,
      ),
    )
    .toBe(0);
});

test.for<[what: string, path: string, body: unknown, status: number, code: string]>([
  ["no JSON", "/accounts", "{", 400, "invalid_json"],
  ["a list", "/accounts", [], 400, "invalid_json"],
  ["a body without end", "/accounts", `"${"x".repeat(5_000)}"`, 413, "too_large"],
  ["no name", "/accounts", {}, 400, "invalid_name"],
  ["a name with NUL", "/accounts", { name: "a\0b" }, 400, "invalid_name"],
  ["a balance that is a number", "/accounts", { name: "Ada", balance: 1 }, 400, "invalid_balance"],
  ["a balance with three places", "/accounts", { name: "Ada", balance: "1.234" }, 400, "invalid_balance"],
  ["no key", "/transfers", { source: "1", target: "2", amount: "1" }, 400, "invalid_key"],
  [
    "an id that is SQL",
    "/transfers",
    { key: "k", source: "1 or 1=1", target: "2", amount: "1" },
    400,
    "invalid_account",
  ],
  ["a transfer to oneself", "/transfers", { key: "k", source: "1", target: "1", amount: "1" }, 400, "invalid_account"],
  ["nothing", "/transfers", { key: "k", source: "1", target: "2", amount: "0.00" }, 400, "invalid_amount"],
  ["less than nothing", "/transfers", { key: "k", source: "1", target: "2", amount: "-1" }, 400, "invalid_amount"],
])("refuses %s", async ([, path, body, status, code]) => {
  const response = await api.post(path, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
});

test.for([
  ["/accounts?limit=0", 400],
  ["/accounts?limit=101", 400],
  ["/transfers?cursor=x", 400],
  ["/nowhere", 404],
  ["/__proto__", 404],
] as const)("GET %s is %d", async ([path, status]) => {
  expect((await api.fetch(path)).status).toBe(status);
});

test("another method is told which there are", async () => {
  const response = await api.fetch("/transfers", { method: "DELETE" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, POST");
});

test("a database that is not there is told of in general words, and in time", async () => {
  const dead = new Client({ DATABASE_URL: "postgres://app:hidden@localhost:1/app" });
  const response = await dead.fetch("/accounts");
  expect(response.status).toBe(503);
  expect(await response.text()).not.toMatch(/hidden|localhost/);
});
