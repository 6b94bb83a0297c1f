// Prisma's driver adapter over the `sql` client, whatever its sessions are. Prisma 7 plans queries itself (in Wasm) and asks an
// adapter for four things: a query with its column types, a count, a transaction, an error that it knows. Structural: nothing
// of Prisma is imported. A DateTime is sent and read with its offset, so that the time zone of the session changes nothing.

import { isLandlineError } from "@landline/core";
import type { PostgresError } from "../errors.ts";
import { arrayOf } from "../types/array.ts";
import { timestamptz } from "../types/datetime.ts";
import { text } from "../protocol/bytes.ts";
import { boolean, bytea, number, type ValueDecoder } from "../types/text.ts";

interface Pending {
  raw(): PromiseLike<unknown>;
}

/** What is asked of a tag: that of the client, of a transaction. */
export interface PrismaTag {
  (strings: TemplateStringsArray): Pending;
  unsafe(text: string, values?: readonly unknown[]): Pending;
}

/** The `sql` client of `postgres()`, or of `durablePostgres()`. */
export interface PrismaSql extends PrismaTag {
  begin<R>(options: string, work: (sql: PrismaTag) => Promise<R>): Promise<R>;
  end(): Promise<unknown>;
}

/** How the adapter behaves. */
export interface PrismaOptions {
  /** The schema of the tables, where it is not the one that comes first in `search_path`. */
  readonly schema?: string | undefined;
  /** Whether `prisma.$disconnect()` ends the client; it cannot be connected again after that. Default false. */
  readonly endOnDisconnect?: boolean | undefined;
}

/** A query as Prisma plans it. */
export interface PrismaQuery {
  readonly sql: string;
  readonly args: readonly unknown[];
  readonly argTypes: readonly PrismaArgType[];
}

/** What Prisma knows of an argument. */
export interface PrismaArgType {
  readonly scalarType: string;
  /** The native type, in capitals. */
  readonly dbType?: string;
  readonly arity: string;
}

/** Prisma's numbers for types of columns. */
export type PrismaColumnType =
  | (0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15)
  | (64 | 65 | 66 | 67 | 68 | 69 | 70 | 71 | 72 | 73 | 74 | 75 | 76 | 77 | 78)
  | 128;

/** What a query gives. */
export interface PrismaResult {
  columnNames: string[];
  columnTypes: PrismaColumnType[];
  rows: unknown[][];
}

interface Named {
  readonly provider: "postgres";
  readonly adapterName: string;
}

/** Runs queries. */
export interface PrismaQueryable extends Named {
  queryRaw(query: PrismaQuery): Promise<PrismaResult>;
  executeRaw(query: PrismaQuery): Promise<number>;
}

/** A transaction that Prisma ends. */
export interface PrismaTransaction extends PrismaQueryable {
  readonly options: { usePhantomQuery: boolean };
  commit(): Promise<void>;
  rollback(): Promise<void>;
  createSavepoint(name: string): Promise<void>;
  rollbackToSavepoint(name: string): Promise<void>;
  releaseSavepoint(name: string): Promise<void>;
}

/** What a PrismaClient works with. */
export interface PrismaAdapter extends PrismaQueryable {
  executeScript(script: string): Promise<void>;
  startTransaction(isolationLevel?: string): Promise<PrismaTransaction>;
  getConnectionInfo(): { schemaName?: string; supportsRelationJoins: boolean };
  dispose(): Promise<void>;
}

/** What `new PrismaClient({ adapter })` takes. */
export interface PrismaAdapterFactory extends Named {
  connect(): Promise<PrismaAdapter>;
}

const NAMED = { provider: "postgres", adapterName: "@landline/postgres" } as const;

/**
 * The adapter for a PrismaClient.
 *
 * @example
 * const prisma = new PrismaClient({ adapter: prismaAdapter(postgres("postgres://app:secret@db.example/app")) });
 */
export function prismaAdapter(sql: PrismaSql, options: PrismaOptions = {}): PrismaAdapterFactory {
  return { ...NAMED, connect: () => Promise.resolve(adapterOf(sql, options)) };
}

function adapterOf(sql: PrismaSql, { schema, endOnDisconnect = false }: PrismaOptions): PrismaAdapter {
  return {
    ...queryable(sql),
    executeScript: (script) => mapped(async () => void (await sql.unsafe(script).raw())),
    startTransaction: (level) => mapped(() => start(sql, level)),
    getConnectionInfo: () => ({ ...(schema === undefined ? {} : { schemaName: schema }), supportsRelationJoins: true }),
    dispose: async () => {
      if (endOnDisconnect) await sql.end();
    },
  };
}

/** A result whose rows are bytes. */
interface RawResult extends ReadonlyArray<readonly (Uint8Array | null)[]> {
  readonly count: number;
  readonly columns: readonly { readonly name: string; readonly type: number }[];
}

function queryable(sql: PrismaTag): PrismaQueryable {
  const run = async ({ sql: text, args, argTypes }: PrismaQuery): Promise<RawResult> => {
    const values = args.map((arg, index) => parameter(arg, argTypes[index]));
    // Unlike text alone, a template without values goes by the extended protocol, and is prepared.
    const pending = values.length === 0 ? sql(Object.assign([text], { raw: [text] })) : sql.unsafe(text, values);
    return (await pending.raw()) as RawResult;
  };
  return {
    ...NAMED,
    queryRaw: (query) => mapped(async () => resultOf(await run(query))),
    executeRaw: (query) => mapped(async () => (await run(query)).count),
  };
}

/**
 * BEGIN rides with the first statement, COMMIT is believed only when the server says COMMIT, and a connection that has lost
 * its transaction is not used again: all of that is `sql.begin()`, whose work here is to wait for what Prisma decides.
 */
function start(sql: PrismaSql, level: string | undefined): Promise<PrismaTransaction> {
  return new Promise((resolve, reject) => {
    const undone = new Error("rolled back");
    const ended = sql.begin(level === undefined ? "" : `isolation level ${level}`, (tag) => {
      return new Promise<void>((commit, rollback) => {
        const command = (text: string, name: string): Promise<void> =>
          mapped(async () => {
            if (!/^\w+$/.test(name)) throw new TypeError("the name of a savepoint is a word");
            await tag.unsafe(`${text} ${name}`).raw();
          });
        resolve({
          ...queryable(tag),
          options: { usePhantomQuery: true },
          commit: () => {
            commit();
            return mapped(() => ended);
          },
          rollback: () => {
            rollback(undone);
            return mapped(() =>
              ended.catch((error: unknown) => (error === undone ? undefined : Promise.reject(error))),
            );
          },
          createSavepoint: (name) => command("savepoint", name),
          rollbackToSavepoint: (name) => command("rollback to savepoint", name),
          releaseSavepoint: (name) => command("release savepoint", name),
        });
      });
    });
    ended.catch(reject);
  });
}

/** One argument. A boolean is text as the rest: the server infers what it is, whichever the driver. */
function parameter(arg: unknown, type: PrismaArgType | undefined): unknown {
  if (Array.isArray(arg)) return arg.map((element) => parameter(element, type));
  if (typeof arg === "boolean") return String(arg);
  if (arg instanceof Date) return moment(arg, type?.dbType);
  if (typeof arg === "string" && type?.scalarType === "datetime") return moment(new Date(arg), type.dbType);
  if (typeof arg === "string" && type?.scalarType === "bytes")
    return Uint8Array.from(atob(arg), (byte) => byte.charCodeAt(0));
  if (!ArrayBuffer.isView(arg)) return arg;
  return new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength);
}

/** A time of day has no day; the rest goes as the client sends a Date, in ISO with its offset. */
function moment(at: Date, dbType: string | undefined): unknown {
  return /^TIME(TZ)?\b/.test(dbType ?? "") && !Number.isNaN(at.getTime()) ? at.toISOString().slice(11) : at;
}

/** What a text becomes. */
const from =
  (read: (value: string) => unknown): ValueDecoder =>
  (bytes, start, end) =>
    read(text(bytes, start, end));

/** `-$1,234.50` */
const money = from((value) => value.replaceAll(/[^\d.-]/g, ""));
const date = from((value) => (/^\d{4}-\d\d-\d\d$/.test(value) ? value : isoOf(value, "Z").split("T")[0]));
const time = from((value) => isoOf(value, "Z"));
const zonedTime = from((value) => isoOf(value, ""));
/** A time of day with an offset is told in UTC, as everything is. */
const timetz = from((value) => (value.endsWith("+00") ? value.slice(0, -3) : utc(`1970-01-01 ${value}`).slice(11, -1)));

/** As it is where JavaScript reads it for certain: four digits of a year, an offset of hours and minutes. */
function isoOf(value: string, zone: "" | "Z"): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?$/.exec(value);
  if (match !== null) return `${match[1]}T${match[2]}${match[3] === undefined ? zone : match[3] + (match[4] ?? ":00")}`;
  return utc(
    zone === "" ? value : value.replace(/^(\d+-\d\d-\d\d)( [\d:.]+)?/, (_, day, at = " 00:00:00") => `${day}${at}+00`),
  );
}

function utc(value: string): string {
  const bytes = new TextEncoder().encode(value);
  const read = timestamptz(bytes, 0, bytes.length);
  if (typeof read === "object") return read.toISOString();
  throw new PrismaError({
    kind: "InconsistentColumnData",
    cause: `${value} is no DateTime that JavaScript has; select the column as text`,
  });
}

interface Reader {
  readonly type: PrismaColumnType;
  readonly read: ValueDecoder;
}

/** OIDs of a type and of its arrays, Prisma's number for the type, and how one is read. Of arrays the number is 64 more. */
const TYPES: readonly (readonly [oid: number, array: number, type: PrismaColumnType, read: ValueDecoder])[] = [
  [16, 1000, 5, boolean],
  [17, 1001, 13, bytea],
  [18, 1002, 6, text], // "char"
  [19, 1003, 7, text], // name
  [20, 1016, 1, text], // int8
  [21, 1005, 0, number], // int2
  [23, 1007, 0, number], // int4
  [25, 1009, 7, text],
  [26, 1028, 1, text], // oid
  [114, 199, 11, text], // json
  [142, 143, 7, text], // xml
  [650, 651, 7, text], // cidr
  [700, 1021, 2, number], // float4
  [701, 1022, 3, number], // float8
  [790, 791, 4, money],
  [869, 1041, 7, text], // inet
  [1042, 1014, 7, text], // bpchar
  [1043, 1015, 7, text], // varchar
  [1082, 1182, 8, date],
  [1083, 1183, 9, text], // time
  [1114, 1115, 10, time],
  [1184, 1185, 10, zonedTime],
  [1266, 1270, 9, timetz],
  [1560, 1561, 7, text], // bit
  [1562, 1563, 7, text], // varbit
  [1700, 1231, 4, text], // numeric
  [2950, 2951, 15, text], // uuid
  [3802, 3807, 11, text], // jsonb
];
const UUID_ARRAY = 78;
/** From here on types are those of the database: enums, and what extensions bring. They are read as text. */
const FIRST_OWN_TYPE = 16_384;

const READERS: ReadonlyMap<number, Reader> = new Map(
  TYPES.flatMap(([oid, array, type, read]) => [
    [oid, { type, read }] as const,
    [array, { type: (type === 15 ? UUID_ARRAY : type + 64) as PrismaColumnType, read: arrayOf(read) }] as const,
  ]),
);
const AS_TEXT: Reader = { type: 7, read: text };

/** The names of types that are asked for in raw queries, and that Prisma has no type for. */
const UNREADABLE: Readonly<Record<number, string>> = {
  600: "point",
  603: "box",
  718: "circle",
  829: "macaddr",
  1186: "interval",
  2205: "regclass",
  2206: "regtype",
  2249: "record",
  2278: "void",
  3614: "tsvector",
  3904: "int4range",
  3910: "tstzrange",
  3912: "daterange",
};

function readerOf(oid: number): Reader {
  const reader = READERS.get(oid) ?? (oid >= FIRST_OWN_TYPE ? AS_TEXT : undefined);
  if (reader !== undefined) return reader;
  throw new PrismaError({ kind: "UnsupportedNativeDataType", type: UNREADABLE[oid] ?? `OID ${oid}` });
}

function resultOf(result: RawResult): PrismaResult {
  const readers = result.columns.map(({ type }) => readerOf(type));
  return {
    columnNames: result.columns.map(({ name }) => name),
    columnTypes: readers.map(({ type }) => type),
    rows: Array.from(result, (row) =>
      row.map((cell, index) => (cell === null ? null : (readers[index] as Reader).read(cell, 0, cell.length))),
    ),
  };
}

interface Cause {
  readonly kind: string;
  readonly message?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly [field: string]: unknown;
}

/** Prisma gives an error its code by the kind, but passes on as it is what a COMMIT fails with. */
const COMMIT_CODES: Readonly<Record<string, string>> = {
  ConnectionClosed: "P1017",
  TransactionAlreadyClosed: "P1018",
  TransactionWriteConflict: "P2034",
};

/** What became of a query, in Prisma's words. Prisma knows it by its name. */
class PrismaError extends Error {
  override readonly name = "DriverAdapterError";
  override readonly cause: Cause;
  readonly code: string | undefined;

  constructor(cause: Cause) {
    super(cause.originalMessage ?? cause.message ?? cause.kind);
    this.cause = cause;
    this.code = COMMIT_CODES[cause.kind];
  }
}

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw prismaError(error);
  }
}

function prismaError(error: unknown): unknown {
  if (error instanceof PrismaError || !(error instanceof Error)) return error;
  const { message } = error;
  // Ours for what cannot be sent: it has not been.
  if (error instanceof TypeError) return new PrismaError({ kind: "InvalidInputValue", message });
  if (!isLandlineError(error)) return error;
  const original = { originalCode: error.code, originalMessage: message };
  const report = error as PostgresError;
  if (error.name === "PostgresError") {
    const cause = SERVER[report.code]?.(report) ?? {
      kind: "postgres",
      code: report.code,
      severity: report.severity,
      message,
      detail: report.detail,
      column: report.column,
      hint: report.hint,
    };
    return new PrismaError({ ...original, ...cause });
  }
  return new PrismaError({ ...original, ...ownCause(error.code, message) });
}

/** By the beginning of the code. */
const OWN: readonly (readonly [code: RegExp, cause: (message: string) => Cause])[] = [
  [/^CONNECT_/, () => ({ kind: "DatabaseNotReachable" })],
  [/^TLS_/, (reason) => ({ kind: "TlsConnectionError", reason })],
  [/^TIMEOUT/, () => ({ kind: "SocketTimeout" })],
  [/^AUTH_/, () => ({ kind: "AuthenticationFailed" })],
  [/^POOL_/, (cause) => ({ kind: "TooManyConnections", cause })],
  [/^TRANSACTION_/, (cause) => ({ kind: "TransactionAlreadyClosed", cause })],
];

function ownCause(code: string, message: string): Cause {
  const found = OWN.find(([pattern]) => pattern.test(code));
  return found?.[1](message) ?? { kind: "ConnectionClosed" };
}

/** By SQLSTATE. */
const SERVER: Readonly<Record<string, (report: PostgresError) => Cause>> = {
  "22001": ({ column }) => ({ kind: "LengthMismatch", column }),
  "22003": ({ message }) => ({ kind: "ValueOutOfRange", cause: message }),
  "22P02": ({ message }) => ({ kind: "InvalidInputValue", message }),
  "23001": (report) => ({ kind: "RestrictViolation", constraint: placeOf(report) }),
  "23502": (report) => ({ kind: "NullConstraintViolation", constraint: placeOf(report) }),
  "23503": (report) => ({ kind: "ForeignKeyConstraintViolation", constraint: placeOf(report) }),
  "23505": (report) => ({ kind: "UniqueConstraintViolation", constraint: placeOf(report), table: report.table }),
  "28000": ({ message }) => ({ kind: "DatabaseAccessDenied", db: /database "(.*?)"/.exec(message)?.[1] }),
  "28P01": ({ message }) => ({ kind: "AuthenticationFailed", user: quoted(message) }),
  "3D000": ({ message }) => ({ kind: "DatabaseDoesNotExist", db: quoted(message) }),
  "40001": () => ({ kind: "TransactionWriteConflict" }),
  "40P01": () => ({ kind: "TransactionWriteConflict" }),
  "42703": ({ message }) => ({
    kind: "ColumnNotFound",
    column: /^column (.+) does not exist$/.exec(message)?.[1]?.replaceAll('"', ""),
  }),
  "42P01": ({ message }) => ({ kind: "TableDoesNotExist", table: quoted(message) }),
  "42P04": ({ message }) => ({ kind: "DatabaseAlreadyExists", db: quoted(message) }),
  "53300": ({ message }) => ({ kind: "TooManyConnections", cause: message }),
};

function quoted(message: string): string | undefined {
  return /"(.*?)"/.exec(message)?.[1];
}

function placeOf({ column, constraint }: PostgresError): Cause["constraint"] {
  if (column !== undefined) return { fields: [column] };
  return constraint === undefined ? undefined : { index: constraint };
}
