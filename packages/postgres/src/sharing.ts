// Plain queries of a pool that is at work to its last connection: they are pipelined behind each other instead of waiting for
// a connection each. Never with a transaction, a reservation or a stream, whose connections are lent to them alone; and never
// behind a query with a signal or a timeout of its own, because a cancellation hits whatever the server does when it arrives.
// The client's queryTimeout is everybody's: who is behind one that takes that long is out of time as well, and then all that
// they have sent is cancelled.
//
// Who wants a connection for himself does not starve: while somebody waits for one, nothing joins a connection that is in
// use, so that these come free, and everybody is served in the order in which he came.

import type { Execution } from "./execution.ts";
import { Loan } from "./loan.ts";
import type { Session, Sessions } from "./session.ts";

/** How many queries one connection has in flight. More wait, for whichever connection comes to its next. */
const MAX_DEPTH = 32;
/** A connection on which nothing has come back for as long, and for much longer than usual, gets no more to do: its query is slow. */
const STALL_MS = 20;
const STALL_FACTOR = 4;
/**
 * How many more than the others a connection may be given in a row: they leave as one write. Of 128 callers on 10 connections
 * (Node), the CPU time of a query: 14.7 µs at 0, 10.9 at 4, 10.0 at 8; the 99th percentile: 18 ms, 5.7, 7.0.
 */
const BURST = 4;
/** The usual time forgets that it was once short: with each answer it grows by a hundredth and this. */
const DRIFT_MS = 0.05;

/** Called when an execution is over, before its caller hears of it. */
export type OnEnd = (execution: Execution, session: Session | undefined) => void;

/** A loan that queries share. */
interface Line {
  readonly loan: Loan;
  running: number;
  /** When something last came back, or the first was sent. Milliseconds. */
  movedAt: number;
  /** Nothing may be put behind its last query. */
  sealed: boolean;
}

/** The plain queries of one client in one I/O context. */
export class Sharing {
  readonly #sessions: Sessions;
  readonly #onEnd: OnEnd;
  readonly #lines = new Set<Line>();
  /** Those for whom there was no room, in order. Each has asked for a session; who is faster is served by whatever comes first. */
  #waiting: Execution[] = [];
  #asked = 0;
  /** Where the last one went. */
  #last: Line | undefined;
  /** How long an answer takes, at best. Milliseconds. */
  #usual = Infinity;

  constructor(sessions: Sessions, onEnd: OnEnd) {
    this.#sessions = sessions;
    this.#onEnd = onEnd;
  }

  run(execution: Execution): void {
    const line = this.#waiting.length === 0 ? this.#roomiest() : undefined;
    if (line !== undefined) return this.#put(execution, line);
    execution.hold();
    if (execution.settled) return;
    this.#waiting.push(execution);
    if (this.#asked < this.#waiting.length) void this.#ask(execution);
  }

  /** The connection with the least to do, if one may be joined at all; or the one before, until it has a few more. */
  #roomiest(): Line | undefined {
    if (this.#lines.size === 0 || !this.#mayJoin()) return undefined;
    const movedSince = Date.now() - STALL_MS - STALL_FACTOR * this.#usual;
    const last = this.#last;
    let best: Line | undefined;
    let lastMay = false;
    for (const line of this.#lines) {
      if (line.sealed || line.running >= MAX_DEPTH || line.movedAt < movedSince || !line.loan.session.alive) continue;
      if (line === last) lastMay = true;
      if (best === undefined || line.running < best.running) best = line;
    }
    if (best !== undefined && last !== undefined && lastMay && last.running < best.running + BURST) return last;
    return (this.#last = best);
  }

  /** Whether every connection is in use, and nobody waits for one of his own. */
  #mayJoin(): boolean {
    const { spare = 1, waiting = 0 } = this.#sessions.load?.() ?? {};
    return spare === 0 && waiting <= this.#asked;
  }

  #put(execution: Execution, line: Line): void {
    const sentAt = Date.now();
    if (line.running++ === 0) line.movedAt = sentAt;
    line.sealed = execution.hasty;
    execution.ordered = false;
    line.loan.run(execution, (session) => {
      line.running--;
      this.#moved(line, sentAt);
      this.#onEnd(execution, session);
    });
  }

  /** Something that was sent at `sentAt` came back: there is room for one who waits. */
  #moved(line: Line, sentAt: number): void {
    line.movedAt = Date.now();
    this.#usual = Math.min(this.#usual * 1.01 + DRIFT_MS, line.movedAt - sentAt);
    if (this.#waiting.length > 0 && line.loan.session.alive && this.#mayJoin()) this.#fill(line, MAX_DEPTH);
    if (line.running === 0) this.#lines.delete(line);
  }

  /** Puts those who wait on a line, until it has `depth` of them. */
  #fill(line: Line, depth: number): void {
    while (line.running < depth && !(line.sealed && line.running > 0)) {
      const execution = this.#next();
      if (execution === undefined) return;
      this.#put(execution, line);
    }
  }

  /** The next of those who wait, without those who have given up. */
  #next(): Execution | undefined {
    let execution = this.#waiting.shift();
    while (execution?.settled === true) execution = this.#waiting.shift();
    return execution;
  }

  async #ask(execution: Execution): Promise<void> {
    this.#asked++;
    try {
      const loan = new Loan(await this.#sessions.acquire({}));
      this.#asked--;
      this.#open(loan);
    } catch (error) {
      this.#asked--;
      const index = this.#waiting.indexOf(execution);
      // Of those who have come since, each waits for as long as this one did.
      if (index < 0) return this.#askAgain();
      this.#waiting.splice(index, 1);
      execution.fail(error);
    }
  }

  #askAgain(): void {
    const [first] = this.#waiting;
    if (first !== undefined && this.#asked < this.#waiting.length) void this.#ask(first);
  }

  /** A session of our own: the next one has it, and those who come along. The others are left what they have coming. */
  #open(loan: Loan): void {
    const line: Line = { loan, running: 0, movedAt: 0, sealed: false };
    const { spare = 0, coming = 0, waiting = 0 } = this.#sessions.load?.() ?? {};
    this.#fill(line, 1);
    if (line.running > 0 && this.#sessions.load !== undefined) {
      this.#lines.add(line);
      const sessions = 1 + spare + coming;
      if (waiting <= this.#asked)
        this.#fill(line, Math.min(MAX_DEPTH, Math.ceil((1 + this.#waiting.length) / sessions)));
    }
    void loan.finish();
  }
}
