// What a query resolves to: its rows, and what the server said about them.

import type { Column } from "./protocol/messages.ts";

const NO_COLUMNS: readonly Column[] = [];

/** The rows of one statement, as an array that also knows the command, the count and the columns. */
export class Result<T = unknown> extends Array<T> {
  // Private, so that neither JSON nor a comparison with a plain array sees them.
  #command = "";
  #count = 0;
  #columns: readonly Column[] = NO_COLUMNS;

  /** `map` and its like make plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The command: `SELECT`, `INSERT`, `CREATE TABLE`, … Empty for an empty query. */
  get command(): string {
    return this.#command;
  }

  /** The rows returned or affected, as the server counted them; 0 for commands that count none. */
  get count(): number {
    return this.#count;
  }

  /** The columns as the server described them; none for a statement that returns no rows. */
  get columns(): readonly Column[] {
    return this.#columns;
  }

  /** @internal */
  complete(tag: string, columns: readonly Column[] | undefined): void {
    const { command, count } = parseTag(tag);
    this.#command = command;
    this.#count = count;
    if (columns !== undefined) this.#columns = columns;
  }
}

/** Most queries are followed by one of the same kind. */
let last = { tag: "", command: "", count: 0 };

/** `INSERT 0 5`, `SELECT 3`, `CREATE TABLE`, … */
function parseTag(tag: string): typeof last {
  if (tag === last.tag) return last;
  const [, command = tag, counts = ""] = /^(.*?)((?: \d+)+)$/.exec(tag) ?? [];
  return (last = { tag, command, count: Number(counts.slice(counts.lastIndexOf(" ") + 1)) });
}
