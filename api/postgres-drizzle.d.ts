// What @landline/postgres/drizzle declares to the public, made by `pnpm api`.

import { DrizzleConfig } from "drizzle-orm";
import { PgDatabase } from "drizzle-orm/pg-core";
import { PgQueryResultHKT } from "drizzle-orm/pg-core";

interface DrizzleResult<Row = Record<string, unknown>> {
    readonly rows: Row[];
    readonly rowCount: number;
    readonly command: string;
}

interface LandlineQueryResultHKT extends PgQueryResultHKT {
    type: DrizzleResult<this["row"]>;
}

interface DrizzleSql extends DrizzleTag {
    begin<R>(options: string, work: (sql: DrizzleTransactionTag) => Promise<R>): Promise<R>;
}

type LandlineDatabase<S extends FullSchema = Record<string, never>> = PgDatabase<LandlineQueryResultHKT, S>;

declare function drizzle<S extends FullSchema = Record<string, never>, Client extends DrizzleSql = DrizzleSql>(sql: Client, config?: DrizzleConfig<S>): LandlineDatabase<S> & {
    $client: Client;
};

interface DrizzleTag {
    (strings: TemplateStringsArray): Pending;
    unsafe(text: string, values?: readonly unknown[]): Pending;
}

interface DrizzleTransactionTag extends DrizzleTag {
    savepoint<R>(work: (sql: DrizzleTransactionTag) => Promise<R>): Promise<R>;
}

type FullSchema = Record<string, unknown>;

interface Pending {
    raw(): PromiseLike<unknown>;
}

export {
    DrizzleResult,
    LandlineQueryResultHKT,
    DrizzleSql,
    LandlineDatabase,
    drizzle,
};
