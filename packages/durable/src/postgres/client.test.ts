// The Worker's side against objects that misbehave.

import { ClosedError, PoolError, TimeoutError } from "@landline/core";
import { PostgresError } from "@landline/postgres";
import { afterEach, expect, test, vi } from "vitest";
import type { PoolNamespace } from "../binding.ts";
import { errorData, reviveError } from "../error-data.ts";
import { durablePostgres } from "./client.ts";
import { DurableError, durableError } from "../durable-error.ts";
import { postgresErrors } from "./errors.ts";
import type { LeaseReply, Reply } from "./rpc.ts";

/** A session that does what a test says, and keeps count. */
function objectWith(session: {
  run?: () => Promise<Reply>;
  lease?: () => Promise<LeaseReply>;
  openSession?: () => Promise<never>;
}): {
  namespace: PoolNamespace;
  calls: string[];
} {
  const calls: string[] = [];
  const remote = {
    run: () => {
      calls.push("run");
      return session.run?.() ?? new Promise(() => {});
    },
    lease: () => {
      calls.push("lease");
      return session.lease?.() ?? new Promise(() => {});
    },
    cancel: () => {
      calls.push("cancel");
      return Promise.resolve(undefined);
    },
  };
  const openSession = (): unknown => {
    calls.push("open");
    return session.openSession?.() ?? Object.assign(Promise.resolve(undefined), remote);
  };
  return { namespace: { idFromName: (name) => name, get: () => ({ openSession }) }, calls };
}

afterEach(() => {
  vi.useRealTimers();
});

test("a client calls nothing until it is used", () => {
  const { namespace, calls } = objectWith({});
  durablePostgres(namespace);
  expect(calls).toEqual([]);
});

test("an object that never answers is a TimeoutError, and what became of the query is unknown", async () => {
  vi.useFakeTimers();
  const { namespace } = objectWith({});
  const answer = durablePostgres(namespace, { runTimeout: 1_000 })`select 1`;
  const caught = answer.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(await caught).toBeInstanceOf(TimeoutError);
  expect(await caught).toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
});

test("a transaction does not hang on it either", async () => {
  vi.useFakeTimers();
  const { namespace } = objectWith({});
  const begun = durablePostgres(namespace, { runTimeout: 1_000 }).begin((tx) => tx`select 1`);
  const caught = begun.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(await caught).toBeInstanceOf(TimeoutError);
});

test("a signal is heard at once while a transaction waits for a connection, and the object is told", async () => {
  const { namespace, calls } = objectWith({});
  const controller = new AbortController();
  const reason = new Error("enough");
  const begun = durablePostgres(namespace).begin({ signal: controller.signal }, (tx) => tx`select 1`);
  controller.abort(reason);
  await expect(begun).rejects.toBe(reason);
  expect(calls).toEqual(["open", "lease", "cancel"]);
});

test("a stub that breaks is a ClosedError with the outcome unknown, and the next query opens anew", async () => {
  const { namespace, calls } = objectWith({ run: () => Promise.reject(new Error("broken")) });
  const sql = durablePostgres(namespace);
  for (let time = 0; time < 2; time++) {
    const error: unknown = await sql`select 1`.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
  }
  expect(calls).toEqual(["open", "run", "open", "run"]);
});

test("an object that cannot be reached at all is a ClosedError, and leaves no rejection behind", async () => {
  const { namespace } = objectWith({
    openSession: () =>
      Object.assign(Promise.reject(new Error("no")), { run: () => Promise.reject(new Error("no")) }) as Promise<never>,
  });
  await expect(durablePostgres(namespace)`select 1`).rejects.toBeInstanceOf(ClosedError);
});

test("a client that has ended takes no more work", async () => {
  const { namespace, calls } = objectWith({});
  const sql = durablePostgres(namespace);
  await sql.end();
  await expect(sql`select 1`).rejects.toMatchObject({ code: "POOL_CLOSED", outcome: "unsent" });
  expect(calls).toEqual([]);
});

test("what cannot be a binding or an option is a TypeError", () => {
  const { namespace } = objectWith({});
  expect(() => durablePostgres(undefined as unknown as PoolNamespace)).toThrow(TypeError);
  expect(() => durablePostgres({} as PoolNamespace)).toThrow("env.PG");
  expect(() => durablePostgres(namespace, { runTimeout: 0 })).toThrow("runTimeout");
  expect(() => durablePostgres(namespace, { name: "" })).toThrow("name");
});

test("errors cross with class, code, outcome and fields", () => {
  const report = { severity: "ERROR", code: "23505", message: "taken", constraint: "users_pkey", position: 3 };
  const over = (error: unknown): unknown =>
    reviveError(structuredClone(errorData(error, postgresErrors, "unknown")), postgresErrors);
  const server = over(new PostgresError(report, { outcome: "refused", query: "select secret" }));
  expect(server).toBeInstanceOf(PostgresError);
  expect(server).toMatchObject({ ...report, outcome: "refused", query: undefined });
  expect(over(durableError("LEASE_EXPIRED", "unsent", "late"))).toBeInstanceOf(DurableError);
  expect(over(new TimeoutError("late", { code: "TIMEOUT", outcome: "unsent" }))).toBeInstanceOf(TimeoutError);
});

test("an error takes along what the one behind it says, if that is ours as well", () => {
  const cause = new ClosedError("db:5432 refused", { code: "CONNECTION_LOST", outcome: "unsent" });
  const init = { code: "POOL_BROKEN", outcome: "unsent" } as const;
  const told = (behind: unknown): string =>
    errorData(new PoolError("none could be made", { ...init, cause: behind }), postgresErrors, "unknown").message;
  expect(told(cause)).toBe("none could be made (db:5432 refused)");
  expect(told(new Error("postgres://user:hidden@db"))).toBe("none could be made");
});

test("an error that is not ours may hold a secret, and stays where it was thrown", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const data = errorData(new Error("postgres://user:hidden@db"), postgresErrors, "unknown");
  expect(JSON.stringify(data)).not.toContain("hidden");
  expect(data).toMatchObject({ code: "POOL_OBJECT_FAILED", outcome: "unknown" });
  expect(logged).toHaveBeenCalledOnce();
  logged.mockRestore();
});
