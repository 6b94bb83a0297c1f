// What a Client tells an observer: of its connection and of queries, by their callbacks. Only where somebody listens. A
// Cursor, which is read in pieces, is not told of.

import { Observation, type Observer } from "@landline/core";
import { begin } from "../observe.ts";
import type { Handlers, Query, QueryCallback } from "./query.ts";
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
      tell(error === null ? {} : { error });
      callback(error, ...more);
    }) as C;
  }

  /** Tells of a query that has a callback. */
  query(query: Handlers): void {
    const { callback } = query;
    if (!this.#querying.on || callback === undefined) return;
    const { text = "", values } = query as Query;
    const tell = begin(this.#querying, [
      {
        text,
        parameters: { values: (values ?? []).map(shown), types: [] },
        written: false,
      },
    ]);
    query.callback = (error: { code?: unknown } | null | undefined, result: Result | Result[]) => {
      if (error) tell({ error, ...(typeof error.code === "string" ? { attributes: { [STATUS]: error.code } } : {}) });
      else
        tell({
          attributes: { "db.response.returned_rows": [result].flat().reduce((n, { rows }) => n + rows.length, 0) },
        });
      (callback as QueryCallback)(error, result);
    };
  }
}

const STATUS = "db.response.status_code";

/** A value before it is turned into what is sent: that is done once, and may run code of the user's. */
function shown(value: unknown): string | Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return value instanceof Uint8Array ? value : "an object";
  return String(value as string | number | boolean | bigint);
}
