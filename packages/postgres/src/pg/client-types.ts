// What a Client's methods take and give, as @types/pg has it.

import type { NoticeMessage } from "./errors.ts";
import type { QueryConfig, Submittable } from "./query.ts";
import type { FieldDef, QueryResultRow } from "./result.ts";

/** What a query resolves to. */
// oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
export interface QueryResult<R extends QueryResultRow = any> {
  rows: R[];
  command: string;
  rowCount: number | null;
  oid: number;
  fields: FieldDef[];
}

/** What a query with `rowMode: "array"` resolves to. */
// oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
export type QueryArrayResult<R extends any[] = any[]> = QueryResult<R>;

/** A query with rows as arrays. */
export interface QueryArrayConfig extends QueryConfig {
  readonly rowMode: "array";
}

/** What `notification` tells. */
export interface Notification {
  processId: number;
  channel: string;
  payload?: string | undefined;
}

/** The ways to run a query; a Pool has the same. */
export interface QueryMethod {
  <T extends Submittable>(query: T): T;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
  <R extends any[] = any[]>(config: QueryArrayConfig, values?: readonly unknown[]): Promise<QueryArrayResult<R>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
  <R extends QueryResultRow = any>(query: string | QueryConfig, values?: readonly unknown[]): Promise<QueryResult<R>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
  <R extends QueryResultRow = any>(
    query: string | QueryConfig,
    callback: (error: Error, result: QueryResult<R>) => void,
  ): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
  <R extends QueryResultRow = any>(
    query: string | QueryConfig,
    values: readonly unknown[] | undefined,
    callback: (error: Error, result: QueryResult<R>) => void,
  ): void;
}

/** The events of a Client, with what they come with. */
export interface ClientEvents {
  connect: () => void;
  drain: () => void;
  end: () => void;
  error: (error: Error) => void;
  notice: (notice: NoticeMessage) => void;
  notification: (message: Notification) => void;
}
