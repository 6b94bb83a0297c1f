// The prepared statements of one session: which text has which name there, and the plan of its rows. Bounded: the least
// recently used one makes room. Pure bookkeeping; whoever writes the frames also writes the Close it asks for.

import type { RowPlan } from "./types/row.ts";

/** A named statement on one session. */
export interface Statement {
  readonly key: string;
  readonly name: string;
  /** How its rows are read; `undefined` until the server has described them, or when it returns none. */
  plan: RowPlan | undefined;
  /** Whether the server has confirmed it, so that Bind may come without Parse. */
  parsed: boolean;
  /** Whether `plan` is known, so that Describe may be left out. */
  described: boolean;
}

/** A bounded cache of statements, least recently used first out. */
export class Statements {
  readonly #max: number;
  #byKey = new Map<string, Statement>();
  #discarded: string[] = [];
  /** The one that was used last: it need not be moved. */
  #newest: Statement | undefined;
  #next = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The statement for `key`, now the most recently used. */
  get(key: string): Statement | undefined {
    const statement = this.#byKey.get(key);
    if (statement === undefined || statement === this.#newest) return statement;
    this.#byKey.delete(key);
    this.#byKey.set(key, statement);
    return (this.#newest = statement);
  }

  /** A new statement for `key`, under a name that this session has not used. */
  add(key: string): Statement {
    if (this.#byKey.size >= this.#max) {
      const [oldest] = this.#byKey.values();
      if (oldest !== undefined) this.discard(oldest);
    }
    const statement: Statement = { key, name: `s${this.#next++}`, plan: undefined, parsed: false, described: false };
    this.#byKey.set(key, statement);
    return (this.#newest = statement);
  }

  /** Forgets one, and remembers its name for a Close: the server may still have it. */
  discard(statement: Statement): void {
    if (this.#byKey.get(statement.key) !== statement) return;
    this.#byKey.delete(statement.key);
    if (statement === this.#newest) this.#newest = undefined;
    this.#discarded.push(statement.name);
  }

  /** The names to close, once. */
  takeDiscarded(): readonly string[] {
    if (this.#discarded.length === 0) return NONE;
    const names = this.#discarded;
    this.#discarded = [];
    return names;
  }
}

const NONE: readonly string[] = [];

/** The key of a statement: the same text with other declared parameter types is another statement. */
export function statementKey(text: string, types: readonly number[]): string {
  return types.some((type) => type !== 0) ? `${types.join()}\0${text}` : text;
}
