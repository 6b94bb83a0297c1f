// The part of the Postgres load that streams: cursors that end early or not, COPY both ways, and one who listens. What comes
// by pieces is counted from piece to piece, and a COPY in is there as a whole or not at all.

import type { Sql } from "@landline/postgres";
import type { Random } from "@landline/core/testing";
import { ABORTED, Ledger, type Verdict, WrongAnswer } from "./watch.ts";

/** Rows of one COPY in, which must be there together. */
export const COPIED = 40;
const ROWS = 500;
/** Milliseconds for the whole of a COPY. */
const LIMIT = 5_000;

/** What the streams need of the load. */
export interface StreamsInit {
  readonly sql: Sql;
  readonly random: Random;
  /** The table that COPY in fills: `id int, part int`. */
  readonly table: string;
  readonly channel: string;
  readonly call: (name: string, start: () => PromiseLike<unknown>) => Promise<Verdict>;
}

/** See the head of the file. */
export class PostgresStreams {
  readonly copies = new Ledger();
  readonly #init: StreamsInit;
  #payload = 0;

  constructor(init: StreamsInit) {
    this.#init = init;
  }

  /** Every row once, in order, and as many batches as there have to be; or less, by a break in the middle. */
  cursor(): Promise<unknown> {
    const { sql, random, call } = this.#init;
    // Each batch is a round trip, of which a slow network makes a few hundred milliseconds.
    const size = 25 + Math.floor(random() * 200);
    const stopAt = random() < 0.5 ? Math.floor(random() * ROWS) : Infinity;
    return call("cursor", async () => {
      let expected = 1;
      for await (const rows of sql<{ n: number }>`select n from generate_series(1, ${ROWS}::int) as n`.cursor(size)) {
        for (const { n } of rows)
          if (n !== expected++) throw new WrongAnswer(`cursor: row ${n} is not ${expected - 1}`);
        if (expected > stopAt) return;
      }
      if (expected !== ROWS + 1) throw new WrongAnswer(`cursor: ${expected - 1} rows of ${ROWS}`);
    });
  }

  /** Every byte once, or cancelled in the middle. */
  copyOut(): Promise<unknown> {
    const { sql, random, call } = this.#init;
    const stopAt = random() < 0.3 ? random() * 20_000 : Infinity;
    return call("copy out", async () => {
      // A network may be so slow that it takes a minute, without ever being silent for long.
      const query = sql.unsafe(`copy (select n from generate_series(1, 20000) as n) to stdout`).timeout(LIMIT);
      const stream = await query.readable();
      const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        if (text.length > stopAt) return reader.cancel(ABORTED);
      }
      const lines = text.trimEnd().split("\n");
      if (lines.length !== 20_000 || lines.some((line, index) => Number(line) !== index + 1))
        throw new WrongAnswer(`copy out: ${lines.length} lines`);
    });
  }

  /** Rows in pieces that are cut anywhere; given up in the middle, or not. */
  async copyIn(): Promise<void> {
    const { sql, random, table, call } = this.#init;
    const id = this.copies.next();
    const giveUp = random() < 0.2;
    const verdict = await call("copy in", async () => {
      const writer = (await sql.unsafe(`copy ${table} from stdin`).timeout(LIMIT).writable()).getWriter();
      // What breaks it is heard from write() and close() as well.
      writer.closed.catch(() => {});
      const text = Array.from({ length: COPIED }, (_, part) => `${id}\t${part}\n`).join("");
      for (let at = 0; at < text.length;) {
        const end = at + 1 + Math.floor(random() * 100);
        await writer.write(text.slice(at, end));
        at = end;
      }
      if (!giveUp) return writer.close();
      await writer.abort(ABORTED);
      throw ABORTED;
    });
    this.copies.set(id, verdict);
  }

  /** A number that grows. */
  notify(): Promise<unknown> {
    const { sql, channel, call } = this.#init;
    return call("notify", async () => {
      await sql.notify(channel, String(++this.#payload));
    });
  }

  /** Listens for a moment, and leaves; no payload is heard that nobody has sent. */
  async listen(fail: (what: string) => void): Promise<void> {
    const { sql, random, channel } = this.#init;
    const events = 1 + Math.floor(random() * 5);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(ABORTED), random() * 2_000);
    let heard = 0;
    try {
      for await (const event of sql.listen(channel, { signal: stop.signal })) {
        if (!event.gap && !(Number(event.payload) <= this.#payload)) fail(`listen: ${event.payload} was never sent`);
        if (++heard === events) break;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
