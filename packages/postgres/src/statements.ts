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
  ready: boolean;
}

/** What {@link Statements.add} did. */
export interface Added {
  readonly statement: Statement;
  /** The name of a statement that had to go, for a Close. */
  readonly evicted: string | undefined;
}

/** A bounded cache of statements, least recently used first out. */
export class Statements {
  readonly #max: number;
  #byKey = new Map<string, Statement>();
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
    if (statement === undefined) return undefined;
    this.#byKey.delete(key);
    this.#byKey.set(key, statement);
    return statement;
  }

  /** A new statement for `key`, under a name that this session has not used. */
  add(key: string): Added {
    let evicted: string | undefined;
    if (this.#byKey.size >= this.#max) {
      const [oldest] = this.#byKey.values();
      if (oldest !== undefined) {
        this.#byKey.delete(oldest.key);
        evicted = oldest.name;
      }
    }
    const statement: Statement = { key, name: `s${this.#next++}`, plan: undefined, ready: false };
    this.#byKey.set(key, statement);
    return { statement, evicted };
  }

  /** Forgets one, if it is still this one. */
  remove(statement: Statement): void {
    if (this.#byKey.get(statement.key) === statement) this.#byKey.delete(statement.key);
  }

  /** Forgets all: the server has none of them any more. */
  clear(): void {
    this.#byKey.clear();
  }
}

/** The key of a statement: the same text with other declared parameter types is another statement. */
export function statementKey(text: string, types: readonly number[]): string {
  return types.some((type) => type !== 0) ? `${types.join()}\0${text}` : text;
}
