// What the client, a transaction and a reservation have in common: the `sql` tag and its helpers, over whatever runs queries.

import { checkChannel } from "./listen.ts";
import { CLOSE, Query, type Executor } from "./query.ts";
import type { Result } from "./result.ts";
import { buildStatement, Helper } from "./sql.ts";
import { Typed } from "./types/parameter.ts";

/** The tag, and what the client, a transaction and a reservation have in common. */
export interface Tag {
  /** A query. Values become parameters; queries and helpers become part of the text. */
  <T = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): Query<Result<T>>;
  /** An identifier, or columns and values, for a place in a template; see {@link Helper}. */
  (first: string | readonly unknown[] | object, ...columns: readonly (string | readonly string[])[]): Helper;
  /** A query from text. Without values it goes by the simple protocol, which allows several statements. */
  unsafe<T = Record<string, unknown>>(text: string, values?: readonly unknown[]): Query<Result<T>>;
  /**
   * A query from a text file, read when it runs. Without values it goes by the simple protocol, which allows several statements.
   * It rejects with a TypeError where there is no file system.
   */
  file<T = Record<string, unknown>>(path: string, values?: readonly unknown[]): Query<Result<T>>;
  /** A parameter that is sent as JSON, whatever it is. */
  json(value: unknown): Typed;
  /** A parameter that is sent as an array; `type` is the OID of the array type, where the server cannot infer it. */
  array(value: readonly unknown[], type?: number): Typed;
  /** A parameter of the type with that OID. */
  typed(value: unknown, type: number): Typed;
  /** What a callback of `cursor()` returns to have no more rows. */
  readonly CLOSE: typeof CLOSE;
  /**
   * Sends a notification to those who listen to `channel`; in a transaction, when that commits.
   * @throws TypeError when the channel cannot be one.
   */
  notify(channel: string, payload?: string): Query;
}

/** Makes the tag of an executor. */
export function makeTag(executor: Executor): Tag {
  const tag = (first: unknown, ...rest: unknown[]): unknown => {
    if (!isTemplate(first)) return new Helper(first, rest.flat() as string[]);
    const template = { strings: first, values: rest };
    return new Query(executor, () => buildStatement(template), { template });
  };
  return Object.assign(tag as Pick<Tag, never> as Tag, {
    unsafe: (text: string, values: readonly unknown[] = []) => {
      if (typeof text !== "string") throw new TypeError("unsafe() takes the text of a query");
      return new Query(executor, () => ({ text, values }), { simple: values.length === 0 });
    },
    file: (path: string, values: readonly unknown[] = []) =>
      new Query(executor, () => ({ text: textOf(path), values }), { simple: values.length === 0 }),
    json: (value: unknown) => new Typed(value, 0, "json"),
    array: (value: readonly unknown[], type = 0) => new Typed(value, type, "array"),
    typed: (value: unknown, type: number) => new Typed(value, type, "value"),
    CLOSE,
    notify: (channel: string, payload = "") => {
      checkChannel(channel);
      return new Query(executor, () => ({ text: "select pg_notify($1, $2)", values: [channel, payload] }));
    },
  }) as Tag;
}

function isTemplate(first: unknown): first is TemplateStringsArray {
  return Array.isArray(first) && Array.isArray((first as unknown as TemplateStringsArray).raw);
}

/** Reached without an import, which a runtime that has no files could not resolve. */
function textOf(path: string): string {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const files = process?.getBuiltinModule?.("node:fs") as
    | { readFileSync?(path: string, encoding: "utf8"): string }
    | undefined;
  if (files?.readFileSync === undefined)
    throw new TypeError("sql.file() needs a file system, which this runtime does not have");
  return files.readFileSync(path, "utf8");
}
