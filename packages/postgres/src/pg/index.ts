// `@landline/postgres/pg`: node-postgres' surface over our own login, codec and transport, for code that was written for `pg`.
// For imports of every kind: names, the default (`import pg from …`), and `require()`, which gets the object itself.

import { Client } from "./client.ts";
import { Connection } from "./connection.ts";
import { Cursor } from "./cursor.ts";
import { defaults, type Defaults } from "./defaults.ts";
import { DatabaseError } from "./errors.ts";
import { escapeIdentifier, escapeLiteral } from "./escape.ts";
import { Pool } from "./pool.ts";
import { Query } from "./query.ts";
import { Result } from "./result.ts";
import { TypeOverrides, types, type Types } from "./types/registry.ts";
import { prepareValue } from "./values.ts";

/** What `require("pg")` gives. */
export interface Pg {
  readonly Client: typeof Client;
  readonly Pool: typeof Pool;
  readonly Query: typeof Query;
  readonly Cursor: typeof Cursor;
  readonly Connection: typeof Connection;
  readonly Result: typeof Result;
  readonly DatabaseError: typeof DatabaseError;
  readonly TypeOverrides: typeof TypeOverrides;
  readonly types: Types;
  readonly defaults: Defaults;
  readonly escapeIdentifier: typeof escapeIdentifier;
  readonly escapeLiteral: typeof escapeLiteral;
  /** What other libraries take out of `pg/lib/utils`. */
  readonly utils: {
    readonly prepareValue: (value: unknown) => unknown;
    readonly escapeIdentifier: typeof escapeIdentifier;
    readonly escapeLiteral: typeof escapeLiteral;
  };
  /** There are no native bindings here. */
  readonly native: null;
}

const native = null;

const pg: Pg = {
  Client,
  Pool,
  Query,
  Cursor,
  Connection,
  Result,
  DatabaseError,
  TypeOverrides,
  types,
  defaults,
  escapeIdentifier,
  escapeLiteral,
  utils: { prepareValue, escapeIdentifier, escapeLiteral },
  native,
};

export {
  Client,
  Connection,
  Cursor,
  DatabaseError,
  defaults,
  escapeIdentifier,
  escapeLiteral,
  native,
  pg as "module.exports",
  Pool,
  Query,
  Result,
  TypeOverrides,
  types,
};
export type { Defaults, Types };
export type {
  ClientEvents,
  Notification,
  QueryArrayConfig,
  QueryArrayResult,
  QueryMethod,
  QueryResult,
} from "./client-types.ts";
export type { CursorConfig } from "./cursor.ts";
export type { NoticeMessage } from "./errors.ts";
export type { ClientConfig, ConnectionParameters, SslOptions } from "./parameters.ts";
export type { PoolClient, PoolConfig, PoolOptions } from "./pool-options.ts";
export type { QueryConfig, Submittable } from "./query.ts";
export type { FieldDef, QueryResultRow } from "./result.ts";
export type { CustomTypesConfig, TypeFormat, TypeParser } from "./types/registry.ts";

// oxlint-disable-next-line import/no-default-export -- `import pg from "pg"` is how most of the code for it begins
export default pg;
