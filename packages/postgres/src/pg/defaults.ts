// What a Client has when nobody says otherwise. One object, which users change.

import { setTypeParser, getTypeParser } from "./types/registry.ts";

/** Defaults of every new Client. */
export interface Defaults {
  host: string;
  user: string | undefined;
  database: string | undefined;
  password: string | null;
  connectionString: string | undefined;
  port: number;
  rows: number;
  binary: boolean;
  max: number;
  idleTimeoutMillis: number;
  client_encoding: string;
  ssl: boolean | object;
  sslnegotiation: "postgres" | "direct" | undefined;
  application_name: string | undefined;
  fallback_application_name: string | undefined;
  options: string | undefined;
  /** Whether a Date is sent in UTC, not in the time zone of this process. */
  parseInputDatesAsUTC: boolean;
  statement_timeout: number | false;
  lock_timeout: number | false;
  idle_in_transaction_session_timeout: number | false;
  query_timeout: number | false;
  connect_timeout: number;
  keepalives: number;
  keepalives_idle: number;
  /** Set it to `true` to read int8 as a number, which loses what is over 2^53. */
  parseInt8: boolean;
}

const INT4 = 23;
const INT8 = 20;
const INT4_ARRAY = 1007;
const INT8_ARRAY = 1016;

/** The environment, where the runtime has one. */
export function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  } catch {
    return undefined; // Deno asks for a permission, and is told no
  }
}

/** The one object of defaults. */
export const defaults: Defaults = makeDefaults();

function makeDefaults(): Defaults {
  const bigInteger = getTypeParser(INT8, "text");
  const bigIntegers = getTypeParser(INT8_ARRAY, "text");
  const values = {
    host: "localhost",
    user: environment("USER") ?? environment("USERNAME"),
    database: undefined,
    password: null,
    connectionString: undefined,
    port: 5432,
    rows: 0,
    binary: false,
    max: 10,
    idleTimeoutMillis: 30_000,
    client_encoding: "",
    ssl: false,
    sslnegotiation: undefined,
    application_name: undefined,
    fallback_application_name: undefined,
    options: undefined,
    parseInputDatesAsUTC: false,
    statement_timeout: false,
    lock_timeout: false,
    idle_in_transaction_session_timeout: false,
    query_timeout: false,
    connect_timeout: 0,
    keepalives: 1,
    keepalives_idle: 0,
  } as const;
  return Object.defineProperty({ ...values } as unknown as Defaults, "parseInt8", {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set: (numbers: boolean) => {
      setTypeParser(INT8, "text", numbers ? getTypeParser(INT4, "text") : bigInteger);
      setTypeParser(INT8_ARRAY, "text", numbers ? getTypeParser(INT4_ARRAY, "text") : bigIntegers);
    },
  });
}
