// Drizzle's driver over the `sql` client, whatever its sessions are: connections of this process, or a pool in a Durable
// Object. It extends Drizzle's own classes, which is why this is the one file here that imports another library; values
// go and come as its node-postgres driver has them, and `pg` is not needed.

import { DefaultLogger, entityKind, fillPlaceholders, NoopLogger } from "drizzle-orm";
import type {
  DrizzleConfig,
  ExtractTablesWithRelations,
  Logger,
  Query,
  SQL,
  TablesRelationalConfig,
} from "drizzle-orm";
import { NoopCache, type Cache } from "drizzle-orm/cache/core";
import { PgDatabase, PgDialect, PgPreparedQuery, PgSession, PgTransaction } from "drizzle-orm/pg-core";
import type {
  PgQueryResultHKT,
  PgTransactionConfig,
  PreparedQueryConfig,
  SelectedFieldsOrdered,
} from "drizzle-orm/pg-core";
import { createTableRelationsHelpers, extractTablesRelationalConfig } from "drizzle-orm/relations";
import * as utils from "drizzle-orm/utils";
import { textParsers, type TextParser } from "../pg/types/text.ts";

/** What `db.execute()` resolves to, as of node-postgres. */
export interface DrizzleResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  readonly rowCount: number;
  readonly command: string;
}

/** For Drizzle's types: what a query without a builder gives. */
export interface LandlineQueryResultHKT extends PgQueryResultHKT {
  type: DrizzleResult<this["row"]>;
}

/** A result whose rows are bytes. */
interface RawResult extends ReadonlyArray<unknown> {
  readonly command: string;
  readonly count: number;
  readonly columns: readonly { readonly name: string; readonly type: number }[];
}

interface Pending {
  raw(): PromiseLike<unknown>;
}

/** What is asked of a tag: that of the client, of a transaction, of a reserved connection. */
interface DrizzleTag {
  (strings: TemplateStringsArray): Pending;
  unsafe(text: string, values?: readonly unknown[]): Pending;
}

interface DrizzleTransactionTag extends DrizzleTag {
  savepoint<R>(work: (sql: DrizzleTransactionTag) => Promise<R>): Promise<R>;
}

/** The `sql` client of `postgres()`, or of `durablePostgres()`. */
export interface DrizzleSql extends DrizzleTag {
  begin<R>(options: string, work: (sql: DrizzleTransactionTag) => Promise<R>): Promise<R>;
}

type FullSchema = Record<string, unknown>;

interface Schema<T extends TablesRelationalConfig> {
  fullSchema: Record<string, unknown>;
  schema: T;
  tableNamesMap: Record<string, string>;
}

interface SessionOptions {
  readonly logger: Logger;
  readonly cache: Cache;
}

/** These stay text: Drizzle's columns read it themselves, without a detour over a Date. */
const AS_TEXT = new Set([1082, 1114, 1115, 1182, 1184, 1185, 1186, 1187, 1231]);
const PARSERS = new Map<number, TextParser>(textParsers.filter(([oid]) => !AS_TEXT.has(oid)));
const asText: TextParser = (text) => text;
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Drizzle's database, over Landline. */
export type LandlineDatabase<S extends FullSchema = Record<string, never>> = PgDatabase<LandlineQueryResultHKT, S>;

/**
 * Drizzle over a client.
 *
 * @example
 * const db = drizzle(postgres("postgres://app:secret@db.example/app"));
 */
export function drizzle<S extends FullSchema = Record<string, never>, Client extends DrizzleSql = DrizzleSql>(
  sql: Client,
  config: DrizzleConfig<S> = {},
): LandlineDatabase<S> & { $client: Client } {
  const dialect = new PgDialect(config.casing === undefined ? {} : { casing: config.casing });
  const schema = config.schema === undefined ? undefined : schemaOf(config.schema);
  const session = new LandlineSession<S, ExtractTablesWithRelations<S>>(sql, dialect, schema, {
    logger: loggerOf(config.logger),
    cache: config.cache ?? new NoopCache(),
  });
  const db: LandlineDatabase<S> = new PgDatabase(dialect, session as never, schema as never);
  return Object.assign(db, { $client: sql });
}

function loggerOf(logger: boolean | Logger | undefined): Logger {
  if (logger === true) return new DefaultLogger();
  return logger === undefined || logger === false ? new NoopLogger() : logger;
}

function schemaOf<S extends FullSchema>(schema: S): Schema<ExtractTablesWithRelations<S>> {
  const { tables, tableNamesMap } = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  return { fullSchema: schema, schema: tables as ExtractTablesWithRelations<S>, tableNamesMap };
}

type Mapper = (rows: unknown[][]) => unknown;

class LandlinePreparedQuery<T extends PreparedQueryConfig> extends PgPreparedQuery<T> {
  static override readonly [entityKind]: string = "LandlinePreparedQuery";
  readonly #sql: DrizzleTag;
  readonly #logger: Logger;
  readonly #fields: SelectedFieldsOrdered | undefined;
  readonly #mapper: Mapper | undefined;
  readonly #arrays: boolean;

  constructor(
    sql: DrizzleTag,
    query: Query,
    { logger, cache }: SessionOptions,
    init: {
      readonly fields: SelectedFieldsOrdered | undefined;
      readonly arrays: boolean;
      readonly mapper: Mapper | undefined;
      readonly metadata: ConstructorParameters<typeof PgPreparedQuery>[2];
      readonly cacheConfig: ConstructorParameters<typeof PgPreparedQuery>[3];
    },
  ) {
    super(query, cache, init.metadata, init.cacheConfig);
    this.#sql = sql;
    this.#logger = logger;
    this.#fields = init.fields;
    this.#arrays = init.arrays;
    this.#mapper = init.mapper;
  }

  async execute(placeholderValues: Record<string, unknown> = {}): Promise<T["execute"]> {
    const { sql: text, params: given } = this.query;
    const params = fillPlaceholders(given, placeholderValues);
    this.#logger.logQuery(text, params);
    const result = (await (this as unknown as Internals).queryWithCache(text, params, () =>
      this.#run(text, params),
    )) as DrizzleResult<unknown>;
    const fields = this.#fields;
    if (this.#mapper !== undefined) return this.#mapper(result.rows as unknown[][]);
    if (fields === undefined) return result;
    const { joinsNotNullableMap } = this as unknown as Internals;
    return result.rows.map((row) => internals.mapResultRow(fields, row as unknown[], joinsNotNullableMap));
  }

  /** All rows as objects. For Drizzle. */
  async all(placeholderValues: Record<string, unknown> = {}): Promise<unknown[]> {
    const { rows } = (await this.execute(placeholderValues)) as DrizzleResult<unknown>;
    return rows;
  }

  /** For Drizzle. */
  isResponseInArrayMode(): boolean {
    return this.#arrays;
  }

  /** Data, so that a cache can keep it. */
  async #run(text: string, params: readonly unknown[]): Promise<DrizzleResult<unknown>> {
    const pending = params.length === 0 ? this.#sql(template(text)) : this.#sql.unsafe(text, params);
    const result = (await pending.raw()) as RawResult;
    const { command, count, columns } = result;
    const read = this.#fields === undefined && this.#mapper === undefined ? objectOf : arrayOf;
    const parsers = columns.map(({ type }) => PARSERS.get(type) ?? asText);
    const names = columns.map(({ name }) => name);
    return { command, rowCount: count, rows: result.map((row) => read(row as Cells, parsers, names)) };
  }
}

type Cells = readonly (Uint8Array | null)[];

function arrayOf(row: Cells, parsers: readonly TextParser[]): unknown[] {
  return row.map((cell, index) => (cell === null ? null : (parsers[index] ?? asText)(utf8.decode(cell))));
}

function objectOf(row: Cells, parsers: readonly TextParser[], names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(arrayOf(row, parsers).map((value, index) => [names[index], value]));
}

/** A template without values: unlike text alone it goes by the extended protocol, and is prepared. */
function template(text: string): TemplateStringsArray {
  return Object.assign([text], { raw: [text] });
}

/** What Drizzle's own drivers use and its types leave out. */
interface Internals {
  readonly joinsNotNullableMap: Record<string, boolean> | undefined;
  queryWithCache(text: string, params: unknown[], query: () => Promise<unknown>): Promise<unknown>;
}

const internals = utils as unknown as {
  mapResultRow(
    fields: SelectedFieldsOrdered,
    row: unknown[],
    joinsNotNullableMap: Record<string, boolean> | undefined,
  ): unknown;
};

class LandlineSession<S extends FullSchema, T extends TablesRelationalConfig> extends PgSession<
  LandlineQueryResultHKT,
  S,
  T
> {
  static override readonly [entityKind]: string = "LandlineSession";
  readonly sql: DrizzleTag;
  readonly #schema: Schema<T> | undefined;
  readonly #options: SessionOptions;

  constructor(sql: DrizzleTag, dialect: PgDialect, schema: Schema<T> | undefined, options: SessionOptions) {
    super(dialect);
    this.sql = sql;
    this.#schema = schema;
    this.#options = options;
  }

  override prepareQuery<C extends PreparedQueryConfig>(
    query: Query,
    fields: SelectedFieldsOrdered | undefined,
    _name: string | undefined,
    arrays: boolean,
    mapper?: (rows: unknown[][]) => C["execute"],
    metadata?: ConstructorParameters<typeof PgPreparedQuery>[2],
    cacheConfig?: ConstructorParameters<typeof PgPreparedQuery>[3],
  ): PgPreparedQuery<C> {
    return new LandlinePreparedQuery<C>(this.sql, query, this.#options, {
      fields,
      arrays,
      mapper,
      metadata,
      cacheConfig,
    });
  }

  override transaction<R>(
    work: (tx: LandlineTransaction<S, T>) => Promise<R>,
    config: PgTransactionConfig = {},
  ): Promise<R> {
    return (this.sql as DrizzleSql).begin(modesOf(config), (tag) => work(this.at(tag, 0)));
  }

  /** A transaction on `tag`. */
  at(tag: DrizzleTransactionTag, depth: number): LandlineTransaction<S, T> {
    const session = new LandlineSession<S, T>(tag, this.dialect, this.#schema, this.#options);
    return new LandlineTransaction<S, T>(this.dialect, session as never, this.#schema, depth);
  }

  override async count(query: SQL): Promise<number> {
    const { rows } = await this.execute<DrizzleResult<{ count: string }>>(query);
    return Number(rows[0]?.count);
  }
}

class LandlineTransaction<S extends FullSchema, T extends TablesRelationalConfig> extends PgTransaction<
  LandlineQueryResultHKT,
  S,
  T
> {
  static override readonly [entityKind]: string = "LandlineTransaction";

  override transaction<R>(work: (tx: LandlineTransaction<S, T>) => Promise<R>): Promise<R> {
    const { session } = this as unknown as { readonly session: LandlineSession<S, T> };
    return (session.sql as DrizzleTransactionTag).savepoint((tag) => work(session.at(tag, this.nestedIndex + 1)));
  }
}

function modesOf({ isolationLevel, accessMode, deferrable }: PgTransactionConfig): string {
  const modes = [isolationLevel === undefined ? "" : `isolation level ${isolationLevel}`, accessMode ?? ""];
  if (deferrable !== undefined) modes.push(deferrable ? "deferrable" : "not deferrable");
  return modes.filter((mode) => mode !== "").join(" ");
}
