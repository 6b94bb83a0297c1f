// What @landline/postgres/prisma declares to the public, made by `pnpm api`.

interface PrismaTag {
    (strings: TemplateStringsArray): Pending;
    unsafe(text: string, values?: readonly unknown[]): Pending;
}

interface PrismaSql extends PrismaTag {
    begin<R>(options: string, work: (sql: PrismaTag) => Promise<R>): Promise<R>;
    end(): Promise<unknown>;
}

interface PrismaOptions {
    readonly schema?: string | undefined;
    readonly endOnDisconnect?: boolean | undefined;
}

interface PrismaQuery {
    readonly sql: string;
    readonly args: readonly unknown[];
    readonly argTypes: readonly PrismaArgType[];
}

interface PrismaArgType {
    readonly scalarType: string;
    readonly dbType?: string;
    readonly arity: string;
}

type PrismaColumnType = (0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15) | (64 | 65 | 66 | 67 | 68 | 69 | 70 | 71 | 72 | 73 | 74 | 75 | 76 | 77 | 78) | 128;

interface PrismaResult {
    columnNames: string[];
    columnTypes: PrismaColumnType[];
    rows: unknown[][];
}

interface PrismaQueryable extends Named {
    queryRaw(query: PrismaQuery): Promise<PrismaResult>;
    executeRaw(query: PrismaQuery): Promise<number>;
}

interface PrismaTransaction extends PrismaQueryable {
    readonly options: {
        usePhantomQuery: boolean;
    };
    commit(): Promise<void>;
    rollback(): Promise<void>;
    createSavepoint(name: string): Promise<void>;
    rollbackToSavepoint(name: string): Promise<void>;
    releaseSavepoint(name: string): Promise<void>;
}

interface PrismaAdapter extends PrismaQueryable {
    executeScript(script: string): Promise<void>;
    startTransaction(isolationLevel?: string): Promise<PrismaTransaction>;
    getConnectionInfo(): {
        schemaName?: string;
        supportsRelationJoins: boolean;
    };
    dispose(): Promise<void>;
}

interface PrismaAdapterFactory extends Named {
    connect(): Promise<PrismaAdapter>;
}

declare function prismaAdapter(sql: PrismaSql, options?: PrismaOptions): PrismaAdapterFactory;

interface Named {
    readonly provider: "postgres";
    readonly adapterName: string;
}

interface Pending {
    raw(): PromiseLike<unknown>;
}

export {
    PrismaTag,
    PrismaSql,
    PrismaOptions,
    PrismaQuery,
    PrismaArgType,
    PrismaColumnType,
    PrismaResult,
    PrismaQueryable,
    PrismaTransaction,
    PrismaAdapter,
    PrismaAdapterFactory,
    prismaAdapter,
};
