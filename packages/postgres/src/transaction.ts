// sql.begin(): BEGIN rides with the first statement, COMMIT is believed only when the server says COMMIT, and a handle
// that has ended stays ended, so that nothing meant for a transaction ever runs outside of one.

import type { Observation } from "@landline/core";
import { TransactionError } from "./errors.ts";
import { command, type Execution } from "./execution.ts";
import type { Loan } from "./loan.ts";
import { begin, follow } from "./observe.ts";
import type { Executor } from "./query.ts";
import { quoteIdentifier } from "./sql.ts";
import type { Hold } from "./task.ts";
import type { Registry } from "./types/registry.ts";

/** `new`: BEGIN is not sent. `beginning`: it is, with the first statement. `open`: the server confirmed it. */
type State = "new" | "beginning" | "open" | "over";

interface CommandOptions {
  readonly simple: boolean;
  readonly timeout?: number | undefined;
}

const MODES = /^[a-z]+(?:[ ,]+[a-z]+)*$/i;
/** A rollback that takes longer has no server behind it; its connection is given up. */
const ROLLBACK_TIMEOUT = 5_000;

/** `begin`, with modes as SQL has them. @throws TypeError when they are more than words. */
export function beginText(modes: string | undefined): string {
  if (modes === undefined || modes.trim() === "") return "begin";
  if (!MODES.test(modes.trim()))
    throw new TypeError('the modes of a transaction are words, such as "isolation level serializable"');
  return `begin ${modes.trim()}`;
}

/** Runs queries inside one transaction. */
export class Transaction implements Executor {
  readonly types: Registry;
  readonly queryTimeout: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly observation: Observation | undefined;
  readonly #loan: Loan;
  readonly #begin: string;
  #state: State = "new";
  /** What came while BEGIN was in flight: it must not be sent before BEGIN is known to have worked. */
  #waiting: Execution[] = [];
  #savepoints = 0;
  readonly #holds = new Set<Hold>();
  /** COMMIT or ROLLBACK has been given, and waits for BEGIN. */
  #ending = false;

  /** @param begin `begin`, with its modes. */
  constructor(loan: Loan, { types, queryTimeout, signal, observation }: Omit<Executor, "run" | "hold">, begin: string) {
    this.#loan = loan;
    this.types = types;
    this.queryTimeout = queryTimeout;
    this.signal = signal;
    this.observation = observation;
    this.#begin = begin;
  }

  run(execution: Execution): void {
    if (execution.settled) return;
    switch (this.#state) {
      case "new":
        return this.#start(execution);
      case "beginning":
        this.#waiting.push(execution);
        return execution.hold();
      case "open":
        return this.#loan.run(execution, () => this.#checkOpen());
      case "over":
        execution.fail(over());
    }
  }

  /** Several tasks on the session of this transaction, once it has begun. */
  async hold(): Promise<Hold> {
    if (this.#state === "new" || this.#state === "beginning") await this.command("", { simple: false });
    if (this.#state !== "open") throw over();
    const hold = this.#loan.hold(
      true,
      (task) => {
        if (this.#state === "open") this.#loan.run(task, () => this.#checkOpen());
        else task.fail(over());
      },
      () => void this.#holds.delete(hold),
    );
    this.#holds.add(hold);
    return hold;
  }

  /** BEGIN rides ahead under the same Sync; the simple protocol has no place for it there, so that it goes alone. */
  #start(first: Execution): void {
    this.#state = "beginning";
    if (first.extended) {
      first.prelude = this.#begin;
      return this.#loan.run(first, () => this.#begun());
    }
    first.hold();
    const begin = command(this.#begin, this.queryTimeout);
    let open = false;
    this.#loan.run(begin, ({ alive, facts } = this.#loan.session) => {
      open = alive && facts.transaction !== "I";
      if (open) this.#waiting.unshift(first);
      this.#begun();
    });
    // What BEGIN failed with says more than that there is no transaction.
    void begin.answer.then(
      () => open || first.fail(over()),
      (error: unknown) => first.fail(error),
    );
  }

  /** A statement of our own. `simple` has the shortest form. */
  async command(text: string, { simple, timeout }: CommandOptions): Promise<string> {
    const execution = command(text, timeout, simple);
    const { observation } = this;
    // The empty one is our own, to begin a transaction with.
    if (text !== "" && observation?.on === true)
      follow(execution.answer, begin(observation, [{ text, written: false }]));
    this.run(execution);
    const answer = await execution.answer;
    return (answer as { command?: string }).command ?? "";
  }

  /** The name for a savepoint, quoted; made up when none is given. */
  savepointName(name: string | undefined): string {
    return quoteIdentifier(name ?? `landline_${++this.#savepoints}`);
  }

  /** @throws TransactionError when the server rolled back instead. */
  async commit(): Promise<void> {
    if (this.#state === "new" || this.#state === "over") {
      const begun = this.#state === "over";
      this.#state = "over";
      if (begun) throw over();
      return;
    }
    this.#revoke();
    const command = this.command("commit", { simple: true, timeout: this.queryTimeout });
    this.#end();
    if ((await command) === "COMMIT") return;
    throw new TransactionError(
      "the transaction was rolled back, although commit was asked for: a statement in it had failed",
      {
        code: "TRANSACTION_ROLLED_BACK",
        outcome: "refused",
      },
    );
  }

  /** Never rejects: what is wrong with the session shows in its state, and it is not used again. */
  async rollback(): Promise<void> {
    if (this.#state === "new" || this.#state === "over") {
      this.#state = "over";
      return;
    }
    this.#revoke();
    const command = this.command("rollback", { simple: true, timeout: ROLLBACK_TIMEOUT });
    this.#end();
    await command.catch(() => {});
  }

  /** No more statements; what waits for BEGIN still runs. */
  #end(): void {
    if (this.#state === "open") this.#state = "over";
    else this.#ending = true;
  }

  /** A stream that is still open would keep the end of the transaction waiting, for its reader perhaps for ever. */
  #revoke(): void {
    for (const { onRevoke } of this.#holds) onRevoke?.(over());
    this.#holds.clear();
  }

  #begun(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#state = "open";
    this.#checkOpen();
    for (const execution of waiting) this.run(execution);
    if (this.#ending) this.#state = "over";
  }

  /** A status of idle means that somebody has ended the transaction behind our back, or that BEGIN has failed. */
  #checkOpen(): void {
    const { session } = this.#loan;
    if (!session.alive || session.facts.transaction === "I") this.#state = "over";
  }
}

function over(): TransactionError {
  return new TransactionError("this transaction has ended; nothing can be run in it any more", {
    code: "TRANSACTION_OVER",
    outcome: "unsent",
  });
}
