// Signing the book, for the page and the API alike.
// An entry is in the book as soon as Postgres has it. Whatever follows may fail, and then is logged, but it neither
// undoes the entry nor keeps the visitor waiting, and it has a deadline.

import { parseDraft } from "./draft.ts";
import type { Entry } from "./entries.ts";
import { addEntry, openDatabase } from "./entries.ts";
import type { Env } from "./env.ts";
import { countEntry, openCounters, takeTurn } from "./limits.ts";
import { liveBook } from "./live.ts";
import { mailHost } from "./mail.ts";
import { logFailure } from "./problem.ts";

const TELL_DEADLINE = 10_000;

/** Checks what a visitor wrote, writes it into the book, and has the others told. @throws Problem 422, 429 */
export async function sign(
  env: Env,
  ctx: ExecutionContext,
  visitor: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<Entry> {
  const draft = parseDraft(fields);
  await using kv = openCounters(env);
  // Without Redis nobody signs: the limit is what keeps the host's mailbox from being flooded.
  await takeTurn(kv, visitor);
  await using sql = openDatabase(env);
  const entry = await addEntry(sql, draft);
  ctx.waitUntil(tellOthers(env, entry));
  await countEntry(kv).catch((error: unknown) => logFailure("counting an entry", error));
  return entry;
}

async function tellOthers(env: Env, entry: Entry): Promise<void> {
  await Promise.all([
    mailHost(env, entry).catch((error: unknown) => logFailure(`mail for entry ${entry.id}`, error)),
    within(TELL_DEADLINE, liveBook(env).publish(entry)).catch((error: unknown) =>
      logFailure(`live update for entry ${entry.id}`, error),
    ),
  ]);
}

// A call to a Durable Object takes no AbortSignal.
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
