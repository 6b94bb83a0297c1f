// What an outbox keeps, in SQLite: mails, their bodies in pieces, their recipients, and every attempt. Each method is one
// change that is whole or has not happened.

import type { RecipientReply } from "@landline/smtp";
import type { Mail } from "./rpc.ts";

/** Where one recipient's copy is. `unknown`: an attempt was not finished, so that it may have been delivered. */
export type Fate = "pending" | "accepted" | "rejected" | "unknown" | "expired" | "cancelled";

/** One recipient of a stored mail. */
export interface StoredRecipient {
  readonly address: string;
  readonly fate: Fate;
  /** The server's last word, where there was one. */
  readonly code: number | undefined;
  readonly enhanced: string | undefined;
  readonly message: string | undefined;
}

/** A mail in an outbox. */
export interface StoredMail {
  readonly id: string;
  readonly messageId: string;
  /** `waiting` for its time, `sending`, or `done`: nothing more is going to happen to it by itself. */
  readonly state: "waiting" | "sending" | "done";
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly nextAttemptAt: number | undefined;
  readonly attempts: number;
  readonly lastError: string | undefined;
  readonly recipients: readonly StoredRecipient[];
}

/** What an attempt needs. */
export interface Due {
  readonly id: string;
  readonly attempt: number;
  readonly mail: Mail;
  readonly body: Uint8Array;
  readonly createdAt: number;
}

/** The storage of a Durable Object with SQLite, as far as it is used. */
export interface OutboxStorage {
  readonly sql: {
    exec(query: string, ...values: (string | number | ArrayBuffer | null)[]): { toArray(): Record<string, unknown>[] };
  };
  transactionSync<T>(work: () => T): T;
}

/** SQLite's rows have at most 2 MB here. */
const PIECE_BYTES = 1024 * 1024;

const SCHEMA = `
create table if not exists mail (
  id text primary key, meta text not null, created_at integer not null, next_at integer, attempts integer not null,
  running integer not null, last_error text, done_at integer);
create index if not exists mail_next on mail (next_at) where next_at is not null;
create table if not exists piece (mail text not null, n integer not null, bytes blob not null, primary key (mail, n));
create table if not exists recipient (
  mail text not null, n integer not null, address text not null, fate text not null, code integer, enhanced text,
  message text, primary key (mail, n));
create table if not exists attempt (
  mail text not null, n integer not null, started_at integer not null, ended_at integer, outcome text,
  primary key (mail, n));`;

/** The rows of one outbox. */
export class OutboxRows {
  readonly #storage: OutboxStorage;

  constructor(storage: OutboxStorage) {
    this.#storage = storage;
    storage.sql.exec(SCHEMA);
  }

  /** Stores a mail. A known id is left as it is: who asks twice gets one mail. Returns whether it is new. */
  add(id: string, mail: Mail, body: Uint8Array, { now, at }: { readonly now: number; readonly at: number }): boolean {
    return this.#storage.transactionSync(() => {
      if (this.#rows("select 1 from mail where id = ?", id).length > 0) return false;
      this.#rows(
        "insert into mail (id, meta, created_at, next_at, attempts, running) values (?, ?, ?, ?, 0, 0)",
        id,
        JSON.stringify(mail),
        now,
        at,
      );
      for (let n = 0; n * PIECE_BYTES < body.length; n++) {
        const piece = body.slice(n * PIECE_BYTES, (n + 1) * PIECE_BYTES);
        this.#rows("insert into piece values (?, ?, ?)", id, n, piece.buffer);
      }
      for (const [n, address] of mail.envelope.to.entries())
        this.#rows("insert into recipient (mail, n, address, fate) values (?, ?, ?, 'pending')", id, n, address);
      return true;
    });
  }

  /** Attempts that an earlier instance has begun and not ended: what became of them, nobody knows. Returns how many. */
  recover(now: number, resend: boolean): number {
    return this.#storage.transactionSync(() => {
      const cut = this.#rows("select mail, n from attempt where ended_at is null");
      for (const { mail, n } of cut as { mail: string; n: number }[]) {
        this.#rows("update attempt set ended_at = ?, outcome = 'unknown' where mail = ? and n = ?", now, mail, n);
        if (!resend) this.#rows("update recipient set fate = 'unknown' where mail = ? and fate = 'pending'", mail);
        this.#settle(mail, { now, next: resend ? now : undefined, error: "the attempt was cut off" });
      }
      return cut.length;
    });
  }

  /** When the next attempt is due. */
  next(): number | undefined {
    const [row] = this.#rows("select min(next_at) as at from mail where next_at is not null and running = 0");
    return (row?.["at"] as number | null) ?? undefined;
  }

  /** Takes mails that are due, and records an attempt for each, before anything of them is sent. */
  begin(now: number, limit: number): Due[] {
    return this.#storage.transactionSync(() =>
      this.#rows(
        "select id, meta, attempts, created_at from mail where next_at <= ? and running = 0 order by next_at limit ?",
        now,
        limit,
      ).map((row) => {
        const id = row["id"] as string;
        const attempt = (row["attempts"] as number) + 1;
        this.#rows("update mail set running = 1, attempts = ? where id = ?", attempt, id);
        this.#rows("insert into attempt (mail, n, started_at) values (?, ?, ?)", id, attempt, now);
        return {
          id,
          attempt,
          mail: this.#pending(id, row["meta"] as string),
          body: this.#body(id),
          createdAt: row["created_at"] as number,
        };
      }),
    );
  }

  /** Records what came of an attempt. `next`: when those that are still pending are tried again; else they are given up. */
  end(
    id: string,
    attempt: number,
    came: {
      readonly now: number;
      readonly replies: readonly (RecipientReply & { readonly fate: Fate })[];
      readonly unknown: readonly string[];
      readonly outcome: string;
      readonly error: string | undefined;
      readonly next: number | undefined;
    },
  ): void {
    const { now, replies, unknown, outcome, error, next } = came;
    this.#storage.transactionSync(() => {
      this.#rows("update attempt set ended_at = ?, outcome = ? where mail = ? and n = ?", now, outcome, id, attempt);
      for (const { address, fate, code, enhanced = null, message } of replies) {
        this.#rows(
          "update recipient set fate = ?, code = ?, enhanced = ?, message = ? where mail = ? and address = ? and fate = 'pending'",
          fate,
          code,
          enhanced,
          message,
          id,
          address,
        );
      }
      for (const address of unknown) {
        this.#rows(
          "update recipient set fate = 'unknown' where mail = ? and address = ? and fate = 'pending'",
          id,
          address,
        );
      }
      this.#settle(id, { now, next, error });
    });
  }

  /** The owner's choice: sends to those again of whom it is not known whether they have it, or who were given up. */
  retry(id: string, now: number): boolean {
    return this.#storage.transactionSync(() => {
      const [row] = this.#rows(
        "select running from mail where id = ? and exists (select 1 from piece where mail = id)",
        id,
      );
      if (row === undefined || row["running"] === 1) return false;
      this.#rows("update recipient set fate = 'pending' where mail = ? and fate in ('unknown', 'expired')", id);
      if (this.#rows("select 1 from recipient where mail = ? and fate = 'pending'", id).length === 0) return false;
      this.#rows("update mail set next_at = ?, done_at = null where id = ?", now, id);
      return true;
    });
  }

  /** Gives up what is pending. What is being sent goes on. */
  cancel(id: string, now: number): boolean {
    return this.#storage.transactionSync(() => {
      const [row] = this.#rows("select running from mail where id = ? and done_at is null", id);
      if (row === undefined || row["running"] === 1) return false;
      this.#rows("update recipient set fate = 'cancelled' where mail = ? and fate = 'pending'", id);
      this.#settle(id, { now, next: undefined, error: undefined });
      return true;
    });
  }

  get(id: string): StoredMail | undefined {
    const [row] = this.#rows("select * from mail where id = ?", id);
    return row === undefined ? undefined : this.#mail(row);
  }

  /** The last ones first. */
  list(limit: number): StoredMail[] {
    return this.#rows("select * from mail order by created_at desc, id limit ?", limit).map((row) => this.#mail(row));
  }

  /** How many recipients there are of each fate. */
  counts(): Record<string, number> {
    const rows = this.#rows("select fate, count(*) as n from recipient group by fate");
    return Object.fromEntries(rows.map(({ fate, n }) => [fate as string, n as number]));
  }

  /** Forgets mails that have been done for a while. Returns when the next one is to be forgotten. */
  purge(before: number): number | undefined {
    this.#storage.transactionSync(() => {
      const old = "(select id from mail where done_at is not null and done_at <= ?)";
      for (const table of ["piece", "recipient", "attempt"])
        this.#rows(`delete from ${table} where mail in ${old}`, before);
      this.#rows("delete from mail where done_at is not null and done_at <= ?", before);
    });
    const [row] = this.#rows("select min(done_at) as at from mail where done_at is not null");
    return (row?.["at"] as number | null) ?? undefined;
  }

  /** After an attempt, or instead of one. */
  #settle(
    id: string,
    { now, next, error }: { now: number; next: number | undefined; error: string | undefined },
  ): void {
    const pending = this.#rows("select 1 from recipient where mail = ? and fate = 'pending'", id).length > 0;
    const again = pending ? next : undefined;
    if (pending && again === undefined)
      this.#rows("update recipient set fate = 'expired' where mail = ? and fate = 'pending'", id);
    this.#rows(
      "update mail set running = 0, next_at = ?, done_at = ?, last_error = coalesce(?, last_error) where id = ?",
      again ?? null,
      again === undefined ? now : null,
      error ?? null,
      id,
    );
    // Those who may yet be tried again, by the owner's choice, need the body.
    const open = this.#rows("select 1 from recipient where mail = ? and fate in ('pending', 'unknown', 'expired')", id);
    if (open.length === 0) this.#rows("delete from piece where mail = ?", id);
  }

  #pending(id: string, meta: string): Mail {
    const mail = JSON.parse(meta) as Mail;
    const pending = new Set(
      this.#rows("select n from recipient where mail = ? and fate = 'pending'", id).map(({ n }) => n as number),
    );
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, n) => pending.has(n));
    return {
      ...mail,
      envelope: { ...mail.envelope, to: kept(mail.envelope.to) },
      dsn: mail.dsn === undefined ? undefined : { ...mail.dsn, rcpt: kept(mail.dsn.rcpt) },
    };
  }

  #body(id: string): Uint8Array {
    const pieces = this.#rows("select bytes from piece where mail = ? order by n", id).map(
      ({ bytes }) => new Uint8Array(bytes as ArrayBuffer),
    );
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  #mail(row: Record<string, unknown>): StoredMail {
    const id = row["id"] as string;
    const recipients = this.#rows("select * from recipient where mail = ? order by n", id).map((one) => ({
      address: one["address"] as string,
      fate: one["fate"] as Fate,
      code: (one["code"] as number | null) ?? undefined,
      enhanced: (one["enhanced"] as string | null) ?? undefined,
      message: (one["message"] as string | null) ?? undefined,
    }));
    const notSending = row["done_at"] === null ? "waiting" : "done";
    return {
      id,
      messageId: (JSON.parse(row["meta"] as string) as Mail).messageId,
      state: row["running"] === 1 ? "sending" : notSending,
      createdAt: row["created_at"] as number,
      nextAttemptAt: (row["next_at"] as number | null) ?? undefined,
      attempts: row["attempts"] as number,
      lastError: (row["last_error"] as string | null) ?? undefined,
      recipients,
    };
  }

  #rows(query: string, ...values: (string | number | ArrayBuffer | null)[]): Record<string, unknown>[] {
    return this.#storage.sql.exec(query, ...values).toArray();
  }
}
