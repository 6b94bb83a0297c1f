// What @landline/postgres/pg declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { Lease } from "@landline/core/pool";
import { Observer } from "@landline/core";
import { PoolOptions as PoolOptions$pool } from "@landline/core/pool";
import { SocketAddress } from "@landline/core";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";

interface Pg {
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
    readonly utils: {
        readonly prepareValue: (value: unknown) => unknown;
        readonly escapeIdentifier: typeof escapeIdentifier;
        readonly escapeLiteral: typeof escapeLiteral;
    };
    readonly native: null;
}

declare class Client extends EventEmitter {
    #private;
    static readonly Query: typeof Query;
    readonly connectionParameters: ConnectionParameters;
    readonly user: string | undefined;
    readonly database: string | undefined;
    readonly port: number;
    readonly host: string;
    password: string;
    readonly ssl: boolean;
    readonly replication: string | undefined;
    readonly pipeline: boolean;
    readonly connection: any;
    binary: boolean;
    processID: number;
    secretKey: number | null;
    query: QueryMethod;
    readonly copyFrom: never;
    readonly copyTo: never;
    readonly pauseDrain: never;
    readonly resumeDrain: never;
    _Promise: PromiseConstructor;
    _types: TypeOverrides;
    _ending: boolean;
    _ended: boolean;
    _connecting: boolean;
    _connected: boolean;
    _queryable: boolean;
    _connectionError: boolean;
    constructor(config?: string | ClientConfig);
    connect(): Promise<this>;
    connect(callback: (error: Error | null, client?: this) => void): void;
    end(): Promise<void>;
    end(callback: (error?: Error) => void): void;
    cancel(client: Client, query: Handlers): void;
    get activeQuery(): Submittable | null;
    get queryQueue(): Submittable[];
    getTransactionStatus(): TransactionStatus | null;
    setTypeParser(oid: number, parser: TypeParser): void;
    setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;
    getTypeParser(oid: number, format?: TypeFormat): TypeParser;
    escapeIdentifier(text: string): string;
    escapeLiteral(text: string): string;
    ref(): void;
    unref(): void;
}

declare class Connection extends EventEmitter {
    #private;
    parsedStatements: Record<string, string | undefined>;
    submittedNamedStatements: Record<string, string | undefined>;
    readonly stream: any;
    processId: number | undefined;
    secretKey: Uint8Array | undefined;
    constructor(receiver: Receiver);
    open(parameters: ConnectionParameters): Promise<boolean>;
    cancel(): Promise<void>;
    query(text: string): void;
    parse({ text, name, types }: ParseConfig, _more?: boolean): void;
    bind({ portal, statement, binary, values, valueMapper }?: BindConfig, _more?: boolean): void;
    describe({ type, name }: Target, _more?: boolean): void;
    execute({ portal, rows }?: ExecuteConfig, _more?: boolean): void;
    close({ type, name }: Target, _more?: boolean): void;
    flush(): void;
    sync(): void;
    sendCopyFromChunk(chunk: Uint8Array): void;
    endCopyFrom(): void;
    sendCopyFail(reason: string): void;
    ref(): void;
    unref(): void;
    end(): void;
    whole(work: () => void): void;
}

declare class Cursor<Row = any> extends EventEmitter implements Handlers {
    #private;
    readonly text: string;
    readonly values: readonly unknown[] | null;
    connection: Connection | null;
    _result: Result;
    constructor(text: string, values?: readonly unknown[] | null, config?: CursorConfig);
    submit(connection: Connection): Error | null;
    read(rows: number): Promise<Row[]>;
    read(rows: number, callback: ReadCallback<Row>): void;
    close(): Promise<void>;
    close(callback: (error?: Error) => void): void;
    handleRowDescription({ fields }: {
        readonly fields: FieldDef[];
    }): void;
    readRow(bytes: Uint8Array, start: number, end: number): void;
    handleDataRow({ fields }: {
        readonly fields: readonly (string | Uint8Array | null)[];
    }): void;
    handlePortalSuspended(): void;
    handleCommandComplete(message: {
        readonly text: string;
    }, connection: Connection): void;
    handleEmptyQuery(connection: Connection): void;
    handleReadyForQuery(): void;
    handleError(error: Error): void;
}

declare class DatabaseError extends Error implements ServerFields {
    name: string;
    readonly length: number;
    severity: string | undefined;
    code: string | undefined;
    detail: string | undefined;
    hint: string | undefined;
    position: string | undefined;
    internalPosition: string | undefined;
    internalQuery: string | undefined;
    where: string | undefined;
    schema: string | undefined;
    table: string | undefined;
    column: string | undefined;
    dataType: string | undefined;
    constraint: string | undefined;
    file: string | undefined;
    line: string | undefined;
    routine: string | undefined;
    constructor(message: string, length: number, name: string);
}

declare const defaults: Defaults;

declare function escapeIdentifier(str: string): string;

declare function escapeLiteral(str: string): string;

declare const native: null;

declare const pg: Pg;

declare class Pool extends EventEmitter {
    #private;
    readonly options: PoolOptions;
    readonly log: (...messages: unknown[]) => void;
    readonly Client: ClientClass;
    readonly Promise: PromiseConstructor;
    ending: boolean;
    query: QueryMethod;
    constructor(config?: PoolConfig, clientClass?: ClientClass);
    get ended(): boolean;
    get totalCount(): number;
    get idleCount(): number;
    get waitingCount(): number;
    get expiredCount(): number;
    get _clients(): PoolClient[];
    get _idle(): Idle[];
    get _pendingQueue(): Waiter[];
    connect(): Promise<PoolClient>;
    connect(callback: PoolConnectCallback): void;
    end(): Promise<void>;
    end(callback: (error?: Error) => void): void;
}

declare class Query extends EventEmitter implements Handlers {
    #private;
    text: string | undefined;
    values: readonly unknown[] | undefined;
    rows: number | undefined;
    types: CustomTypesConfig | undefined;
    name: string | undefined;
    queryMode: string | undefined;
    binary: boolean | undefined;
    portal: string;
    callback: QueryCallback | undefined;
    _result: Result;
    constructor(config: string | QueryConfig, values?: readonly unknown[] | QueryCallback | null, callback?: QueryCallback);
    submit(connection: Connection): Error | null;
    requiresPreparation(): boolean;
    handleRowDescription({ fields }: {
        readonly fields: FieldDef[];
    }): void;
    readRow(bytes: Uint8Array, start: number, end: number): void;
    handleDataRow({ fields }: {
        readonly fields: readonly (string | Uint8Array | null)[];
    }): void;
    handlePortalSuspended(connection: Connection): void;
    handleCommandComplete(message: {
        readonly text: string;
    }, connection: Connection): void;
    handleEmptyQuery(connection: Connection): void;
    handleCopyInResponse(connection: Connection): void;
    handleCopyData(): void;
    handleError(error: Error, connection: Connection): void;
    handleReadyForQuery(connection: Connection): void;
}

declare class Result<R extends QueryResultRow = any> {
    #private;
    command: string;
    rowCount: number | null;
    oid: number;
    rows: R[];
    fields: FieldDef[];
    _types: CustomTypesConfig | undefined;
    _parsers: TypeParser[] | undefined;
    readonly rowAsArray: boolean;
    RowCtor: null;
    _prebuiltEmptyResultObject: Record<string, null> | null;
    constructor(rowMode?: string, types?: CustomTypesConfig);
    addRow(row: R): void;
    addFields(fields: FieldDef[]): void;
    addCommandComplete({ text: tag }: {
        readonly text: string;
    }): void;
    parseRow(values: readonly (string | Uint8Array | null)[]): R;
    readRow(bytes: Uint8Array, start: number, end: number): R;
}

declare class TypeOverrides implements CustomTypesConfig {
    readonly text: Record<number, TypeParser>;
    readonly binary: Record<number, TypeParser>;
    readonly _types: CustomTypesConfig;
    constructor(userTypes?: CustomTypesConfig);
    setTypeParser(oid: number, parser: TypeParser): void;
    setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;
    getOverrides(format: TypeFormat): Record<number, TypeParser>;
    getTypeParser(oid: number, format?: TypeFormat): TypeParser;
}

declare const types: Types;

interface Defaults {
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
    parseInputDatesAsUTC: boolean;
    statement_timeout: number | false;
    lock_timeout: number | false;
    idle_in_transaction_session_timeout: number | false;
    query_timeout: number | false;
    connect_timeout: number;
    keepalives: number;
    keepalives_idle: number;
    parseInt8: boolean;
}

interface Types extends CustomTypesConfig {
    readonly getTypeParser: typeof getTypeParser;
    readonly setTypeParser: typeof setTypeParser;
    readonly builtins: typeof builtins;
    readonly arrayParser: typeof arrayParser;
}

interface ClientEvents {
    connect: () => void;
    drain: () => void;
    end: () => void;
    error: (error: Error) => void;
    notice: (notice: NoticeMessage) => void;
    notification: (message: Notification) => void;
}

interface Notification {
    processId: number;
    channel: string;
    payload?: string | undefined;
}

interface QueryArrayConfig extends QueryConfig {
    readonly rowMode: "array";
}

type QueryArrayResult<R extends any[] = any[]> = QueryResult<R>;

interface QueryMethod {
    <T extends Submittable>(query: T): T;
    <R extends any[] = any[]>(config: QueryArrayConfig, values?: readonly unknown[]): Promise<QueryArrayResult<R>>;
    <R extends QueryResultRow = any>(query: string | QueryConfig, values?: readonly unknown[]): Promise<QueryResult<R>>;
    <R extends QueryResultRow = any>(query: string | QueryConfig, callback: (error: Error, result: QueryResult<R>) => void): void;
    <R extends QueryResultRow = any>(query: string | QueryConfig, values: readonly unknown[] | undefined, callback: (error: Error, result: QueryResult<R>) => void): void;
}

interface QueryResult<R extends QueryResultRow = any> {
    rows: R[];
    command: string;
    rowCount: number | null;
    oid: number;
    fields: FieldDef[];
}

interface CursorConfig {
    readonly rowMode?: "array" | undefined;
    readonly types?: CustomTypesConfig | undefined;
    readonly Promise?: PromiseConstructorLike | undefined;
}

interface NoticeMessage extends ServerFields {
    readonly name: "notice";
    readonly message: string | undefined;
    readonly length: number;
}

interface ClientConfig {
    user?: string | undefined;
    database?: string | undefined;
    password?: string | (() => string | Promise<string>) | undefined;
    port?: number | undefined;
    host?: string | undefined;
    connectionString?: string | undefined;
    keepAlive?: boolean | undefined;
    keepAliveInitialDelayMillis?: number | undefined;
    statement_timeout?: false | number | undefined;
    lock_timeout?: number | undefined;
    idle_in_transaction_session_timeout?: number | undefined;
    query_timeout?: number | undefined;
    ssl?: boolean | SslOptions | undefined;
    sslnegotiation?: "postgres" | "direct" | undefined;
    enableChannelBinding?: boolean | undefined;
    application_name?: string | undefined;
    fallback_application_name?: string | undefined;
    connectionTimeoutMillis?: number | undefined;
    types?: CustomTypesConfig | undefined;
    options?: string | undefined;
    client_encoding?: string | undefined;
    replication?: string | undefined;
    pipeline?: boolean | undefined;
    binary?: boolean | undefined;
    Promise?: PromiseConstructorLike | undefined;
    connect?: Connector | undefined;
    allowPasswordInTheClear?: boolean | undefined;
    observe?: Observer | undefined;
}

declare class ConnectionParameters {
    #private;
    readonly user: string | undefined;
    readonly database: string | undefined;
    readonly port: number;
    readonly host: string;
    password: string | null | (() => string | Promise<string>);
    readonly binary: boolean;
    readonly isDomainSocket: boolean;
    readonly options: string | undefined;
    readonly ssl: boolean | SslOptions;
    readonly sslnegotiation: "postgres" | "direct" | undefined;
    readonly client_encoding: string;
    readonly replication: string | undefined;
    readonly application_name: string | undefined;
    readonly fallback_application_name: string | undefined;
    readonly statement_timeout: number | false;
    readonly lock_timeout: number | false;
    readonly idle_in_transaction_session_timeout: number | false;
    readonly query_timeout: number | false;
    readonly connectionTimeoutMillis: number;
    constructor(given?: string | ClientConfig);
    settings(): Settings;
}

interface SslOptions {
    ca?: string | string[] | undefined;
    cert?: string | undefined;
    key?: string | undefined;
    servername?: string | undefined;
    rejectUnauthorized?: boolean | undefined;
}

interface PoolClient extends Client {
    release(error?: Error | boolean): void;
}

interface PoolConfig extends ClientConfig {
    max?: number | undefined;
    min?: number | undefined;
    idleTimeoutMillis?: number | undefined | null;
    allowExitOnIdle?: boolean | undefined;
    maxUses?: number | undefined;
    maxLifetimeSeconds?: number | undefined;
    log?: ((...messages: any[]) => void) | undefined;
    Client?: ClientClass | undefined;
    onConnect?: ((client: any) => unknown) | undefined;
    verify?: ((client: any, done: (error?: Error) => void) => void) | undefined;
}

interface PoolOptions extends PoolConfig {
    max: number;
    min: number;
    maxUses: number;
    allowExitOnIdle: boolean;
    maxLifetimeSeconds: number;
    idleTimeoutMillis: number | null;
}

interface QueryConfig {
    readonly text: string;
    readonly values?: readonly unknown[] | undefined;
    readonly name?: string | undefined;
    readonly rowMode?: string | undefined;
    readonly types?: CustomTypesConfig | undefined;
    readonly binary?: boolean | undefined;
    readonly rows?: number | undefined;
    readonly portal?: string | undefined;
    readonly queryMode?: string | undefined;
    readonly query_timeout?: number | undefined;
    readonly callback?: QueryCallback | undefined;
}

interface Submittable {
    submit(connection: any): unknown;
}

interface FieldDef {
    name: string;
    tableID: number;
    columnID: number;
    dataTypeID: number;
    dataTypeSize: number;
    dataTypeModifier: number;
    format: "text" | "binary";
}

interface QueryResultRow {
    [column: string]: any;
}

interface CustomTypesConfig {
    getTypeParser(oid: any, format?: any): TypeParser;
}

type TypeFormat = "text" | "binary";

type TypeParser = (value: any) => any;

interface AcquireSession {
    readonly signal?: AbortSignal | undefined;
    readonly hold?: boolean | undefined;
}

declare const arrayParser: {
    create<T = string>(source: string, transform?: (text: string) => T): {
        parse(): Nested<T>[];
    };
};

type AuthMethod = "scram-sha-256" | "md5" | "password" | "none";

type BackendMessage = {
    readonly type: "authenticationOk";
} | {
    readonly type: "authenticationCleartextPassword";
} | {
    readonly type: "authenticationMD5Password";
    readonly salt: Uint8Array;
} | {
    readonly type: "authenticationSASL";
    readonly mechanisms: readonly string[];
} | {
    readonly type: "authenticationSASLContinue";
    readonly data: string;
} | {
    readonly type: "authenticationSASLFinal";
    readonly data: string;
} | {
    readonly type: "authenticationOther";
    readonly method: number;
} | {
    readonly type: "backendKeyData";
    readonly processId: number;
    readonly secretKey: Uint8Array;
} | {
    readonly type: "negotiateProtocolVersion";
    readonly minor: number;
    readonly unrecognized: readonly string[];
} | {
    readonly type: "parameterStatus";
    readonly name: string;
    readonly value: string;
} | {
    readonly type: "readyForQuery";
    readonly status: TransactionStatus;
} | {
    readonly type: "rowDescription";
    readonly columns: readonly Column[];
} | {
    readonly type: "parameterDescription";
    readonly types: readonly number[];
} | {
    readonly type: "commandComplete";
    readonly tag: string;
} | {
    readonly type: "errorResponse";
    readonly fields: ResponseFields;
} | {
    readonly type: "noticeResponse";
    readonly fields: ResponseFields;
} | {
    readonly type: "notificationResponse";
    readonly processId: number;
    readonly channel: string;
    readonly payload: string;
} | {
    readonly type: "copyInResponse" | "copyOutResponse" | "copyBothResponse";
    readonly binary: boolean;
    readonly formats: readonly number[];
} | {
    readonly type: "parseComplete" | "bindComplete" | "closeComplete" | "noData" | "emptyQueryResponse" | "portalSuspended" | "copyDone";
};

interface BindConfig {
    readonly portal?: string | undefined;
    readonly statement?: string | undefined;
    readonly binary?: boolean | undefined;
    readonly values?: readonly unknown[] | null | undefined;
    readonly valueMapper?: ((value: unknown, index: number) => unknown) | undefined;
}

declare const builtins: {
    readonly BOOL: 16;
    readonly BYTEA: 17;
    readonly CHAR: 18;
    readonly INT8: 20;
    readonly INT2: 21;
    readonly INT4: 23;
    readonly REGPROC: 24;
    readonly TEXT: 25;
    readonly OID: 26;
    readonly TID: 27;
    readonly XID: 28;
    readonly CID: 29;
    readonly JSON: 114;
    readonly XML: 142;
    readonly PG_NODE_TREE: 194;
    readonly SMGR: 210;
    readonly PATH: 602;
    readonly POLYGON: 604;
    readonly CIDR: 650;
    readonly FLOAT4: 700;
    readonly FLOAT8: 701;
    readonly ABSTIME: 702;
    readonly RELTIME: 703;
    readonly TINTERVAL: 704;
    readonly CIRCLE: 718;
    readonly MACADDR8: 774;
    readonly MONEY: 790;
    readonly MACADDR: 829;
    readonly INET: 869;
    readonly ACLITEM: 1033;
    readonly BPCHAR: 1042;
    readonly VARCHAR: 1043;
    readonly DATE: 1082;
    readonly TIME: 1083;
    readonly TIMESTAMP: 1114;
    readonly TIMESTAMPTZ: 1184;
    readonly INTERVAL: 1186;
    readonly TIMETZ: 1266;
    readonly BIT: 1560;
    readonly VARBIT: 1562;
    readonly NUMERIC: 1700;
    readonly REFCURSOR: 1790;
    readonly REGPROCEDURE: 2202;
    readonly REGOPER: 2203;
    readonly REGOPERATOR: 2204;
    readonly REGCLASS: 2205;
    readonly REGTYPE: 2206;
    readonly UUID: 2950;
    readonly TXID_SNAPSHOT: 2970;
    readonly PG_LSN: 3220;
    readonly PG_NDISTINCT: 3361;
    readonly PG_DEPENDENCIES: 3402;
    readonly TSVECTOR: 3614;
    readonly TSQUERY: 3615;
    readonly GTSVECTOR: 3642;
    readonly REGCONFIG: 3734;
    readonly REGDICTIONARY: 3769;
    readonly JSONB: 3802;
    readonly REGNAMESPACE: 4089;
    readonly REGROLE: 4096;
};

interface ClientClass {
    new (config?: any): Client;
}

interface Codec {
    readonly text: ValueDecoder;
    readonly binary?: ValueDecoder;
}

interface Column {
    readonly name: string;
    readonly table: number;
    readonly attribute: number;
    readonly type: number;
    readonly size: number;
    readonly modifier: number;
    readonly format: number;
}

interface DecoderSink {
    row(bytes: Uint8Array, start: number, end: number): void;
    copyData(bytes: Uint8Array, start: number, end: number): void;
    message(message: BackendMessage): void;
}

interface Ear {
    readonly alive: boolean;
    listen(channels: readonly string[]): Promise<void>;
    unlisten(channel: string): Promise<void>;
    probe(): Promise<void>;
    close(): Promise<unknown>;
}

interface Emitter {
    on(event: Name, listener: Listener): this;
    addListener(event: Name, listener: Listener): this;
    once(event: Name, listener: Listener): this;
    prependListener(event: Name, listener: Listener): this;
    prependOnceListener(event: Name, listener: Listener): this;
    off(event: Name, listener: Listener): this;
    removeListener(event: Name, listener: Listener): this;
    removeAllListeners(event?: Name): this;
    emit(event: Name, ...args: unknown[]): boolean;
    listenerCount(event: Name): number;
    listeners(event: Name): Listener[];
    rawListeners(event: Name): Listener[];
    eventNames(): Name[];
    setMaxListeners(count: number): this;
    getMaxListeners(): number;
}

interface EmitterConstructor {
    new (): Emitter;
}

declare const EventEmitter: EmitterConstructor;

interface Exchange {
    cancel(reason: unknown): void;
}

interface ExecuteConfig {
    readonly portal?: string | undefined;
    readonly rows?: number | undefined;
}

declare const FIELDS: {
    readonly severity: "S";
    readonly code: "C";
    readonly detail: "D";
    readonly hint: "H";
    readonly position: "P";
    readonly internalPosition: "p";
    readonly internalQuery: "q";
    readonly where: "W";
    readonly schema: "s";
    readonly table: "t";
    readonly column: "c";
    readonly dataType: "d";
    readonly constraint: "n";
    readonly file: "F";
    readonly line: "L";
    readonly routine: "R";
};

declare function getTypeParser(oid: number, format?: TypeFormat): TypeParser;

interface Handlers extends Submittable {
    name?: string | undefined;
    text?: string | undefined;
    callback?: QueryCallback | undefined;
    binary?: boolean | undefined;
    rows?: unknown;
    _result?: Result | undefined;
    handleRowDescription?(message: {
        readonly fields: FieldDef[];
    }): void;
    handleDataRow?(message: {
        readonly fields: readonly (string | Uint8Array | null)[];
    }): void;
    handlePortalSuspended?(connection: Connection): void;
    handleCommandComplete?(message: {
        readonly text: string;
    }, connection: Connection): void;
    handleEmptyQuery?(connection: Connection): void;
    handleError?(error: Error, connection: Connection): void;
    handleReadyForQuery?(connection: Connection): void;
    handleCopyInResponse?(connection: Connection): void;
    handleCopyData?(message: {
        readonly chunk: Uint8Array;
    }, connection: Connection): void;
    readRow?(bytes: Uint8Array, start: number, end: number): void;
}

interface Hearing {
    notification(channel: string, payload: string, processId: number): void;
    end(cause: unknown): void;
}

interface Idle {
    readonly client: PoolClient;
    readonly timer: ReturnType<typeof setTimeout> | undefined;
}

type Listener = (...args: any[]) => void;

interface Listeners {
    notice?(report: ServerReport): void;
    notification?(channel: string, payload: string, processId: number): void;
    end?(cause: unknown): void;
}

interface Load {
    readonly spare: number;
    readonly coming: number;
    readonly waiting: number;
}

type Name = string | symbol;

type Nested<T> = T | null | Nested<T>[];

interface OwnSession {
    readonly session: Session & {
        readonly listeners: Listeners;
    };
    close(): Promise<unknown>;
}

interface ParseConfig {
    readonly text: string;
    readonly name?: string | undefined;
    readonly types?: unknown;
}

type PoolConnectCallback = (error: Error | undefined, client: PoolClient | undefined, done: (release?: Error | boolean) => void) => void;

interface ProtocolVersions {
    readonly min: number;
    readonly max: number;
}

type QueryCallback = (error: any, result?: any) => void;

type ReadCallback<Row = any> = (error: any, rows: Row[], result: Result) => void;

interface Receiver extends DecoderSink {
    broken(error: Error): void;
    ended(): void;
}

interface Registry {
    (type: number): Codec;
    readonly sessions?: TypeTable["sessions"];
}

interface ReplySink {
    row(bytes: Uint8Array, start: number, end: number): void;
    message(message: BackendMessage): void;
    abandon(reason: unknown): void;
    end(error?: unknown): void;
}

interface Request {
    write(writer: ByteWriter, session: Session): void;
    readonly syncs: number;
    readonly extended: boolean;
    readonly signal: AbortSignal | undefined;
    readonly timeout: number | undefined;
    readonly silence?: number | undefined;
}

type ResponseFields = ReadonlyMap<string, string>;

interface RowPlan {
    readonly columns: readonly Column[];
    readonly names: readonly string[];
    readonly decoders: readonly ValueDecoder[];
    readonly formats: readonly number[];
    readonly guarded: boolean;
}

type ServerFields = {
    [Name in keyof typeof FIELDS]: string | undefined;
};

interface ServerReport {
    readonly severity: string;
    readonly code: string;
    readonly message: string;
    readonly detail?: string | undefined;
    readonly hint?: string | undefined;
    readonly position?: number | undefined;
    readonly internalPosition?: number | undefined;
    readonly internalQuery?: string | undefined;
    readonly where?: string | undefined;
    readonly schema?: string | undefined;
    readonly table?: string | undefined;
    readonly column?: string | undefined;
    readonly dataType?: string | undefined;
    readonly constraint?: string | undefined;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly routine?: string | undefined;
}

interface Session {
    readonly facts: SessionFacts;
    readonly statements: Statements | undefined;
    readonly idle: boolean;
    readonly alive: boolean;
    exchange(request: Request, sink: ReplySink): Exchange;
    stream(request: Request, sink: StreamSink): StreamExchange;
}

interface SessionFacts {
    readonly parameters: ReadonlyMap<string, string>;
    readonly transaction: TransactionStatus;
    readonly processId: number | undefined;
}

interface Sessions {
    load?(): Load;
    acquire(options: AcquireSession): Promise<Lease<Session>>;
    open?(options: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<OwnSession>;
    hear?(hearing: Hearing, options: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<Ear>;
    close(options: {
        readonly timeout: number;
    }): Promise<void>;
}

interface Settings {
    readonly address: SocketAddress;
    readonly hosts: readonly SocketAddress[];
    readonly target: TargetSession;
    readonly loadBalance: boolean;
    readonly protocol: ProtocolVersions;
    readonly user: string;
    readonly password: string | (() => string | Promise<string>) | undefined;
    readonly tls: TlsMode;
    readonly tlsOptions: TlsOptions;
    readonly auth: readonly AuthMethod[] | undefined;
    readonly allowPasswordInTheClear: boolean;
    readonly channelBinding: boolean;
    readonly eagerLogin: boolean | undefined;
    readonly startup: ReadonlyMap<string, string>;
    readonly max: number | undefined;
    readonly pool: Omit<PoolOptions$pool, "max" | "createTimeout">;
    readonly connectTimeout: number;
    readonly queryTimeout: number | undefined;
    readonly cancelTimeout: number;
    readonly pooling: "session" | "transaction";
    readonly maxStatements: number;
    readonly types: TypeOptions;
    readonly connect: Connector | undefined;
    readonly onNotice: ((notice: ServerReport) => void) | undefined;
    readonly observe: Observer | undefined;
}

declare function setTypeParser(oid: number, parser: TypeParser): void;
declare function setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;

interface Statement {
    readonly key: string;
    readonly name: string;
    plan: RowPlan | undefined;
    parsed: boolean;
    described: boolean;
}

declare class Statements {
    #private;
    constructor(max: number);
    get size(): number;
    get(key: string): Statement | undefined;
    add(key: string): Statement;
    discard(statement: Statement): void;
    takeDiscarded(): readonly string[];
}

interface StreamExchange extends Exchange {
    copyData(bytes: Uint8Array): void;
    copyDone(): void;
    drained(): Promise<void>;
    pause(): void;
    resume(): void;
}

interface StreamSink extends ReplySink {
    readonly copiesIn: boolean;
    copyData(bytes: Uint8Array, start: number, end: number): void;
}

interface Target {
    readonly type: "S" | "P";
    readonly name?: string | undefined;
}

type TargetSession = "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";

type TransactionStatus = "I" | "T" | "E";

interface TypeCodec {
    register(table: TypeTable): void;
}

interface TypeOptions {
    readonly int8?: "string" | "bigint" | "number";
    readonly numeric?: "string" | "number";
    readonly timestamptz?: "date" | "string";
    readonly codecs?: readonly TypeCodec[];
}

interface TypeTable {
    readonly codecs: Map<number, Codec>;
    readonly types: Registry;
    other?: ((type: number) => Codec | undefined) | undefined;
    sessions?: ((sessions: Sessions) => Sessions) | undefined;
}

type ValueDecoder = (bytes: Uint8Array, start: number, end: number) => unknown;

interface Waiter {
    callback: PoolConnectCallback;
    timedOut: boolean;
}

export {
    Pg,
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
    type Defaults,
    type Types,
    type ClientEvents,
    type Notification,
    type QueryArrayConfig,
    type QueryArrayResult,
    type QueryMethod,
    type QueryResult,
    type CursorConfig,
    type NoticeMessage,
    type ClientConfig,
    type ConnectionParameters,
    type SslOptions,
    type PoolClient,
    type PoolConfig,
    type PoolOptions,
    type QueryConfig,
    type Submittable,
    type FieldDef,
    type QueryResultRow,
    type CustomTypesConfig,
    type TypeFormat,
    type TypeParser,
    pg as default,
};
