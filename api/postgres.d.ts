// What @landline/postgres declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Connector } from "@landline/core";
import { LandlineError } from "@landline/core";
import { Lease } from "@landline/core/pool";
import { Observation } from "@landline/core";
import { Observer } from "@landline/core";
import { Outcome } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";

declare function postgres(input: string | PostgresOptions | HyperdriveBinding): Sql;

interface Sql extends Tag, AsyncDisposable {
    begin<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
    begin<R>(options: string | BeginOptions, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
    batch<const Q extends readonly Query<unknown>[]>(queries: Q, options?: BatchOptions): Promise<{
        -readonly [I in keyof Q]: Awaited<Q[I]>;
    }>;
    listen(channel: string, options?: ListenOptions): Listener;
    listen(channel: string, notify: (payload: string) => void, onListen?: () => void): Promise<Subscription>;
    reserve(options?: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<ReservedSql>;
    end(options?: {
        readonly timeout?: number | undefined;
    }): Promise<void>;
}

interface Tag {
    <T = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): Query<Result<T>>;
    (first: string | readonly unknown[] | object, ...columns: readonly (string | readonly string[])[]): Helper;
    unsafe<T = Record<string, unknown>>(text: string, values?: readonly unknown[]): Query<Result<T>>;
    file<T = Record<string, unknown>>(path: string, values?: readonly unknown[]): Query<Result<T>>;
    json(value: unknown): Typed;
    array(value: readonly unknown[], type?: number): Typed;
    typed(value: unknown, type: number): Typed;
    readonly CLOSE: typeof CLOSE;
    notify(channel: string, payload?: string): Query;
}

type Answers<R> = R extends readonly Query<infer T>[] ? T[] : R;

interface BeginOptions {
    readonly modes?: string | undefined;
    readonly retries?: number | undefined;
    readonly signal?: AbortSignal | undefined;
}

interface TransactionSql extends Tag {
    savepoint<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
    savepoint<R>(name: string, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
}

interface ReservedSql extends Tag, AsyncDisposable {
    release(): void;
}

interface BatchOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

type AuthMethod = "scram-sha-256" | "md5" | "password" | "none";

interface HyperdriveBinding {
    readonly connectionString: string;
}

interface PostgresOptions {
    readonly url?: string | undefined;
    readonly host?: string | undefined;
    readonly port?: number | readonly number[] | undefined;
    readonly targetSession?: TargetSession | undefined;
    readonly loadBalanceHosts?: boolean | undefined;
    readonly user?: string | undefined;
    readonly password?: string | (() => string | Promise<string>) | undefined;
    readonly database?: string | undefined;
    readonly tls?: TlsMode | PostgresTls | undefined;
    readonly auth?: readonly AuthMethod[] | undefined;
    readonly eagerLogin?: boolean | undefined;
    readonly channelBinding?: boolean | undefined;
    readonly allowPasswordInTheClear?: boolean | undefined;
    readonly applicationName?: string | undefined;
    readonly settings?: Readonly<Record<string, string>> | undefined;
    readonly max?: number | undefined;
    readonly maxProtocol?: "3.0" | "3.2" | undefined;
    readonly minProtocol?: "3.0" | "3.2" | undefined;
    readonly pool?: Omit<PoolOptions, "max" | "createTimeout"> | undefined;
    readonly connectTimeout?: number | undefined;
    readonly queryTimeout?: number | undefined;
    readonly cancelTimeout?: number | undefined;
    readonly pooling?: "session" | "transaction" | undefined;
    readonly maxStatements?: number | undefined;
    readonly types?: TypeOptions | undefined;
    readonly connect?: Connector | undefined;
    readonly onNotice?: ((notice: ServerReport) => void) | undefined;
    readonly observe?: Observer | undefined;
}

interface PostgresTls extends TlsOptions {
    readonly mode?: TlsMode;
}

declare class Query<T = Result> implements Promise<T> {
    #private;
    readonly [Symbol.toStringTag] = "Query";
    readonly template: Template | undefined;
    constructor(executor: Executor, statement: () => Statement, init?: {
        readonly template?: Template;
        readonly simple?: boolean;
    });
    get started(): boolean;
    values(): Query<Result<unknown[]>>;
    raw(): Query<Result<(Uint8Array | null)[]>>;
    as<Output>(schema: RowSchema<Output>): Query<Result<Output>>;
    simple(): Query<T | T[]>;
    signal(signal: AbortSignal): this;
    timeout(milliseconds: number): this;
    forEach(each: (row: RowOf<T>) => void): Promise<Result<never>>;
    describe(): Promise<Description>;
    cursor(rows?: number): AsyncGenerator<T, void, undefined>;
    cursor(each: (rows: T) => unknown): Promise<void>;
    cursor(rows: number, each: (rows: T) => unknown): Promise<void>;
    readable(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
    writable(): Promise<WritableStream<Uint8Array | string>>;
    take(executor: Executor): ExecutionInit;
    execute(): this;
    cancel(): void;
    then<A = T, B = never>(onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B>;
    finally(onFinally?: (() => void) | null): Promise<T>;
}

interface Description {
    readonly string: string;
    readonly types: readonly number[];
    readonly columns: readonly Column[];
}

declare class Result<T = unknown> extends Array<T> {
    #private;
    static get [Symbol.species](): ArrayConstructor;
    get command(): string;
    get count(): number;
    get columns(): readonly Column[];
    complete(tag: string, columns: readonly Column[] | undefined): void;
}

declare class RowError extends LandlineError {
    readonly name: string;
    readonly row: number;
    readonly issues: readonly SchemaIssue[];
    constructor(row: number, issues: readonly SchemaIssue[]);
}

interface RowSchema<Output = unknown> {
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => Verdict | Promise<Verdict>;
        readonly types?: {
            readonly input: unknown;
            readonly output: Output;
        } | undefined;
    };
}

interface SchemaIssue {
    readonly message: string;
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}

declare class Listener implements AsyncIterableIterator<Notification | Gap, void, undefined>, AsyncDisposable, Subscriber {
    #private;
    constructor(channels: () => Channels, channel: string, options?: ListenOptions);
    [Symbol.asyncIterator](): this;
    ready(): Promise<void>;
    next(): Promise<IteratorResult<Notification | Gap, void>>;
    return(): Promise<IteratorResult<Notification | Gap, void>>;
    [Symbol.asyncDispose](): Promise<void>;
    event(event: Notification | Gap): void;
    end(failure?: {
        readonly error: unknown;
    }): void;
}

interface ListenOptions {
    readonly signal?: AbortSignal | undefined;
    readonly maxQueue?: number | undefined;
}

interface Subscription extends AsyncDisposable {
    unlisten(): Promise<void>;
}

interface Gap {
    readonly gap: true;
    readonly channel: string;
    readonly reason: "reconnected" | "overflow";
}

interface Notification {
    readonly gap: false;
    readonly channel: string;
    readonly payload: string;
    readonly processId: number;
}

declare class Helper {
    readonly first: unknown;
    readonly rest: readonly string[];
    constructor(first: unknown, rest: readonly string[]);
}

declare class Typed {
    readonly value: unknown;
    readonly type: number;
    readonly as: "json" | "array" | "value";
    constructor(value: unknown, type: number, as: "json" | "array" | "value");
}

interface TypeOptions {
    readonly int8?: "string" | "bigint" | "number";
    readonly numeric?: "string" | "number";
    readonly timestamptz?: "date" | "string";
    readonly codecs?: readonly TypeCodec[];
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

declare class PostgresError extends LandlineError implements ServerReport {
    readonly name: string;
    readonly severity: string;
    readonly detail: string | undefined;
    readonly hint: string | undefined;
    readonly position: number | undefined;
    readonly internalPosition: number | undefined;
    readonly internalQuery: string | undefined;
    readonly where: string | undefined;
    readonly schema: string | undefined;
    readonly table: string | undefined;
    readonly column: string | undefined;
    readonly dataType: string | undefined;
    readonly constraint: string | undefined;
    readonly file: string | undefined;
    readonly line: number | undefined;
    readonly routine: string | undefined;
    readonly query: string | undefined;
    constructor(report: ServerReport, init: {
        readonly outcome: Outcome;
        readonly query?: string | undefined;
    });
}

declare class TransactionError extends LandlineError {
    readonly name: string;
}

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

declare function isCheckViolation(error: unknown): error is PostgresError;

declare function isDeadlock(error: unknown): error is PostgresError;

declare function isExclusionViolation(error: unknown): error is PostgresError;

declare function isForeignKeyViolation(error: unknown): error is PostgresError;

declare function isLockNotAvailable(error: unknown): error is PostgresError;

declare function isNotNullViolation(error: unknown): error is PostgresError;

declare function isQueryCanceled(error: unknown): error is PostgresError;

declare function isSerializationFailure(error: unknown): error is PostgresError;

declare function isUniqueViolation(error: unknown): error is PostgresError;

interface AcquireSession {
    readonly signal?: AbortSignal | undefined;
    readonly hold?: boolean | undefined;
}

type Answer = Result | Result[];

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

declare class Channels {
    #private;
    constructor(sessions: Sessions, observation?: Observation);
    add(channel: string, subscriber: Subscriber): Promise<void>;
    remove(channel: string, subscriber: Subscriber): void;
    close(failure?: {
        readonly error: unknown;
    }): void;
}

declare const CLOSE: unique symbol;

interface Codec {
    readonly text: ValueDecoder;
    readonly binary?: ValueDecoder;
}

interface Ear {
    readonly alive: boolean;
    listen(channels: readonly string[]): Promise<void>;
    unlisten(channel: string): Promise<void>;
    probe(): Promise<void>;
    close(): Promise<unknown>;
}

interface EncodedParameters {
    readonly values: readonly WireValue[];
    readonly types: readonly number[];
}

interface Exchange {
    cancel(reason: unknown): void;
}

declare class Execution implements Request, ReplySink, Task {
    #private;
    readonly syncs = 1;
    readonly extended: boolean;
    readonly signal: AbortSignal | undefined;
    readonly timeout: number | undefined;
    readonly answer: Promise<Answer>;
    onEnd: ((session: Session | undefined) => void) | undefined;
    prelude: string | undefined;
    ordered: boolean;
    suspended: boolean;
    parameterTypes: readonly number[];
    plan: RowPlan | undefined;
    settled: boolean;
    constructor(init: ExecutionInit, batch?: readonly ExecutionInit[]);
    get sociable(): boolean;
    get hasty(): boolean;
    get text(): string;
    hold(): void;
    start(session: Session): void;
    cancel(reason: unknown): void;
    fail(error: unknown): void;
    refuse(error: unknown): void;
    write(writer: ByteWriter, session: Session): void;
    row(bytes: Uint8Array, start: number, end: number): void;
    message(message: BackendMessage): void;
    abandon(reason: unknown): void;
    end(error?: unknown): void;
}

interface ExecutionInit {
    readonly text: string;
    readonly parameters: EncodedParameters;
    readonly simple: boolean;
    readonly arrays?: boolean | undefined;
    readonly raw?: boolean | undefined;
    readonly each?: ((row: unknown) => void) | undefined;
    readonly describe?: boolean | undefined;
    readonly portal?: Portal | undefined;
    readonly types: Registry;
    readonly signal: AbortSignal | undefined;
    readonly timeout: number | undefined;
    readonly silence?: number | undefined;
    readonly hasty?: boolean | undefined;
}

interface Executor {
    readonly types: Registry;
    readonly queryTimeout: number | undefined;
    readonly signal: AbortSignal | undefined;
    readonly observation: Observation | undefined;
    run(execution: Execution): void;
    hold(signal: AbortSignal | undefined): Promise<Hold>;
}

interface Hearing {
    notification(channel: string, payload: string, processId: number): void;
    end(cause: unknown): void;
}

interface Hold {
    readonly inTransaction: boolean;
    portalName(): string;
    run(task: Task): void;
    onRevoke: ((reason: unknown) => void) | undefined;
    end(): void;
}

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

interface OwnSession {
    readonly session: Session & {
        readonly listeners: Listeners;
    };
    close(): Promise<unknown>;
}

interface Portal {
    readonly name: string;
    readonly rows: number;
    readonly opened?: {
        readonly plan: RowPlan | undefined;
    } | undefined;
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

type RowOf<T> = T extends readonly (infer Row)[] ? (Row extends Result<infer Inner> ? Inner : Row) : unknown;

interface RowPlan {
    readonly columns: readonly Column[];
    readonly names: readonly string[];
    readonly decoders: readonly ValueDecoder[];
    readonly formats: readonly number[];
    readonly guarded: boolean;
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

interface Statement {
    readonly text: string;
    readonly values: readonly unknown[];
}

interface Statement$statements {
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
    get(key: string): Statement$statements | undefined;
    add(key: string): Statement$statements;
    discard(statement: Statement$statements): void;
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

interface Subscriber {
    event(event: Notification | Gap): void;
    end(failure?: {
        readonly error: unknown;
    }): void;
}

type TargetSession = "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";

interface Task {
    onEnd: ((session: Session | undefined) => void) | undefined;
    start(session: Session): void;
    fail(error: unknown): void;
}

interface Template {
    readonly strings: readonly string[];
    readonly values: readonly unknown[];
}

type TransactionStatus = "I" | "T" | "E";

interface TypeCodec {
    register(table: TypeTable): void;
}

interface TypeTable {
    readonly codecs: Map<number, Codec>;
    readonly types: Registry;
    other?: ((type: number) => Codec | undefined) | undefined;
    sessions?: ((sessions: Sessions) => Sessions) | undefined;
}

type ValueDecoder = (bytes: Uint8Array, start: number, end: number) => unknown;

type Verdict = {
    readonly value: unknown;
    readonly issues?: undefined;
} | {
    readonly issues: readonly SchemaIssue[];
};

type WireValue = string | Uint8Array | null;

export {
    postgres,
    type Sql,
    type Tag,
    type Answers,
    type BeginOptions,
    type TransactionSql,
    type ReservedSql,
    type BatchOptions,
    type AuthMethod,
    type HyperdriveBinding,
    type PostgresOptions,
    type PostgresTls,
    Query,
    type Description,
    Result,
    RowError,
    type RowSchema,
    type SchemaIssue,
    Listener,
    type ListenOptions,
    type Subscription,
    type Gap,
    type Notification,
    type Helper,
    type Typed,
    type TypeOptions,
    type Column,
    PostgresError,
    TransactionError,
    type ServerReport,
    isCheckViolation,
    isDeadlock,
    isExclusionViolation,
    isForeignKeyViolation,
    isLockNotAvailable,
    isNotNullViolation,
    isQueryCanceled,
    isSerializationFailure,
    isUniqueViolation,
};
