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

/** `INSERT 0 5`, `SELECT 3`, `CREATE TABLE`, … */
function parseTag(tag: string): { readonly command: string; readonly count: number } {
  const match = /^(.*?)((?: \d+)+)$/.exec(tag);
  if (match === null) return { command: tag, count: 0 };
  return {
    command: match[1] as string,
    count: Number((match[2] as string).slice((match[2] as string).lastIndexOf(" ") + 1)),
  };
}
