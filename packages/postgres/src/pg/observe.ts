// What a Client tells an observer: of its connection, and of queries. Of a Query by its callback; of a Cursor, and of what
// others have made that is like a query, by what the server says to it. Only where somebody listens.

import { Observation, type Observer, type OperationEnd } from "@landline/core";
import { begin, type Tell } from "../observe.ts";
import { DatabaseError } from "./errors.ts";
import { Query, type Handlers } from "./query.ts";
import type { Result } from "./result.ts";

interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
}

/** Who hears of one Client. */
export class ClientObservation {
  readonly #connecting: Observation;
  readonly #querying: Observation;

  constructor(observer: Observer | undefined, { host, port, database = "" }: Place) {
    const attributes = {
      "db.system.name": "postgresql",
      "db.namespace": database,
      "server.address": host,
      "server.port": port,
    };
    this.#connecting = new Observation("connect", observer, attributes);
    this.#querying = new Observation("query", observer, attributes);
  }

  /** The same callback, which also tells that the connection is there, or why it is not. */
  connect<C extends (error: Error | null, ...more: never[]) => void>(callback: C): C {
    if (!this.#connecting.on) return callback;
    const tell = this.#connecting.begin("connect", {});
    return ((error, ...more) => {
      tell(error === null ? {} : failureOf(error));
      callback(error, ...more);
    }) as C;
  }

  /** Tells of a query, from now to its end. */
  query(query: Handlers): void {
    if (!this.#querying.on) return;
    // A stream of pg-query-stream has them in the cursor that it reads.
    const { text = "", values } = ((query as { readonly cursor?: Query }).cursor ?? query) as Query;
    const parameters = { values: Array.isArray(values) ? values.map(shown) : [], types: [] };
    const tell = begin(this.#querying, [{ text, parameters, written: false }]);
    const { callback } = query;
    if (callback === undefined || !(query instanceof Query)) return tellByHandlers(query, tell);
    query.callback = (error: unknown, result: Result | Result[]) => {
      tell(error ? failureOf(error) : returned([result].flat().reduce((sum, { rows }) => sum + rows.length, 0)));
      callback(error, result);
    };
  }
}

/** Tells how what has no callback ends, or calls none: its handlers are called by the Client, and tell of that. */
function tellByHandlers(query: Handlers, tell: Tell): void {
  let rows: number | undefined;
  let told = false;
  const end = (how: OperationEnd): void => {
    if (!told) tell(how);
    told = true;
  };
  const behind = (name: keyof Handlers, hear: (argument: unknown) => void): void => {
    const handler = query[name] as ((...args: unknown[]) => unknown) | undefined;
    const heard = (...args: unknown[]): unknown => {
      try {
        return handler?.apply(query, args);
      } finally {
        hear(args[0]);
      }
    };
    Object.assign(query, { [name]: heard });
  };
  const row = (): void => void (rows = (rows ?? 0) + 1);
  behind("handleRowDescription", () => (rows ??= 0));
  // Who has this one is handed rows by it alone.
  behind(query.readRow === undefined ? "handleDataRow" : "readRow", row);
  behind("handleError", (error) => end(failureOf(error)));
  // It may turn out there that it has failed, which is told by then.
  behind("handleReadyForQuery", () => end(rows === undefined ? {} : returned(rows)));
}

function returned(rows: number): OperationEnd {
  return { attributes: { "db.response.returned_rows": rows } };
}

/** An end with an error, and what the server calls that. */
function failureOf(error: unknown): OperationEnd {
  const code = error instanceof DatabaseError ? error.code : undefined;
  return { error, ...(code === undefined ? {} : { attributes: { "db.response.status_code": code } }) };
}

/** A value before it is turned into what is sent: that is done once, and may run code of the user's. */
function shown(value: unknown): string | Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return value instanceof Uint8Array ? value : "an object";
  return String(value as string | number | boolean | bigint);
}
