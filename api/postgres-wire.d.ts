// What @landline/postgres/wire declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { CloseInfo } from "@landline/core";
import { Connector } from "@landline/core";
import { Deadline } from "@landline/core";
import { Lease } from "@landline/core/pool";
import { Observation } from "@landline/core";
import { Observer } from "@landline/core";
import { PoolOptions } from "@landline/core/pool";
import { SocketAddress } from "@landline/core";
import { TlsMode } from "@landline/core";
import { TlsOptions } from "@landline/core";
import { Transport } from "@landline/core";

declare function createClient(source: Sessions, options?: ClientOptions): Sql;

interface ClientOptions {
    readonly types?: TypeOptions | undefined;
    readonly queryTimeout?: number | undefined;
    readonly observation?: Observation | undefined;
}

declare function converse(transport: Transport, settings: Settings, greeting: Greeting, deadline?: number): Connection;

declare function logIn(settings: Settings, signal?: AbortSignal): Promise<Login>;

declare function openConnection(settings: Settings, signal?: AbortSignal): Promise<Connection>;

declare function sendCancel(settings: Settings, secure: boolean, processId: number, secretKey: Uint8Array): Promise<void>;

declare class Connection {
    #private;
    readonly session: Conversation;
    readonly loggedIn: Promise<unknown>;
    constructor(session: Conversation, transport: Transport, loggedIn: Promise<unknown>);
    close(): Promise<CloseInfo>;
}

interface Login {
    readonly transport: Transport;
    readonly greeting: Greeting;
    readonly settings: Settings;
}

declare class Conversation implements Session, DecoderSink {
    #private;
    readonly facts: SessionFacts & {
        transaction: TransactionStatus;
        processId: number | undefined;
    };
    readonly statements: Statements | undefined;
    readonly listeners: Listeners;
    constructor(line: Line, start: SessionStart);
    get idle(): boolean;
    get alive(): boolean;
    exchange(request: Request, sink: ReplySink): Exchange;
    stream(request: Request, sink: StreamSink): StreamExchange;
    data(chunk: Uint8Array): void;
    row(bytes: Uint8Array, start: number, end: number): void;
    copyData(bytes: Uint8Array, start: number, end: number): void;
    message(message: BackendMessage): void;
    end(cause: unknown): void;
    fail(error: unknown): void;
    giveUp(entry: Entry, reason: unknown): void;
}

declare function serverReport(fields: ResponseFields): ServerReport;

interface Flow {
    pause(): void;
    resume(): void;
    drained(): Promise<void>;
}

interface Line {
    readonly writer: ByteWriter;
    readonly cancel: (() => Promise<void>) | undefined;
    readonly flow?: Flow | undefined;
    readonly gathers?: boolean | undefined;
    abort(reason: unknown): void;
}

interface Listeners {
    notice?(report: ServerReport): void;
    notification?(channel: string, payload: string, processId: number): void;
    end?(cause: unknown): void;
}

interface SessionStart {
    readonly decoder: BackendDecoder;
    readonly parameters: Map<string, string>;
    readonly processId: number | undefined;
    readonly statements: Statements | undefined;
    readonly cancelTimeout?: number;
}

declare function handshake(transport: Transport, settings: HandshakeSettings, { guess, handOver }?: Eagerness): Promise<Greeting>;

declare function requestTls(transport: Transport): Promise<boolean>;

interface Greeting {
    readonly decoder: BackendDecoder;
    readonly parameters: Map<string, string>;
    readonly processId: number | undefined;
    readonly secretKey: Uint8Array | undefined;
    readonly login?: PendingLogin;
}

type HandshakeSettings = Pick<Settings, "user" | "password" | "auth" | "protocol" | "channelBinding" | "allowPasswordInTheClear" | "startup" | "onNotice">;

declare function parseOptions(input: string | PostgresOptions | HyperdriveBinding): Settings;

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
    readonly pool: Omit<PoolOptions, "max" | "createTimeout">;
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

declare function listenText(channels: readonly string[]): string;

interface AcquireSession {
    readonly signal?: AbortSignal | undefined;
    readonly hold?: boolean | undefined;
}

interface Ear {
    readonly alive: boolean;
    listen(channels: readonly string[]): Promise<void>;
    unlisten(channel: string): Promise<void>;
    probe(): Promise<void>;
    close(): Promise<unknown>;
}

interface Exchange {
    cancel(reason: unknown): void;
}

interface Hearing {
    notification(channel: string, payload: string, processId: number): void;
    end(cause: unknown): void;
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

declare class Statements {
    #private;
    constructor(max: number);
    get size(): number;
    get(key: string): Statement$statements | undefined;
    add(key: string): Statement$statements;
    discard(statement: Statement$statements): void;
    takeDiscarded(): readonly string[];
}

declare class BackendDecoder {
    #private;
    constructor(options?: DecoderOptions);
    get midFrame(): boolean;
    push(chunk: Uint8Array, sink: DecoderSink): void;
}

interface DecoderOptions {
    readonly maxFrameBytes?: number;
}

interface DecoderSink {
    row(bytes: Uint8Array, start: number, end: number): void;
    copyData(bytes: Uint8Array, start: number, end: number): void;
    message(message: BackendMessage): void;
}

declare const BACKEND: {
    readonly authentication: 82;
    readonly backendKeyData: 75;
    readonly bindComplete: 50;
    readonly closeComplete: 51;
    readonly commandComplete: 67;
    readonly copyBothResponse: 87;
    readonly copyData: 100;
    readonly copyDone: 99;
    readonly copyInResponse: 71;
    readonly copyOutResponse: 72;
    readonly dataRow: 68;
    readonly emptyQueryResponse: 73;
    readonly errorResponse: 69;
    readonly negotiateProtocolVersion: 118;
    readonly noData: 110;
    readonly noticeResponse: 78;
    readonly notificationResponse: 65;
    readonly parameterDescription: 116;
    readonly parameterStatus: 83;
    readonly parseComplete: 49;
    readonly portalSuspended: 115;
    readonly readyForQuery: 90;
    readonly rowDescription: 84;
};

declare const FRONTEND: {
    readonly bind: 66;
    readonly close: 67;
    readonly copyData: 100;
    readonly copyDone: 99;
    readonly copyFail: 102;
    readonly describe: 68;
    readonly execute: 69;
    readonly flush: 72;
    readonly parse: 80;
    readonly password: 112;
    readonly query: 81;
    readonly sync: 83;
    readonly terminate: 88;
};

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

interface Column {
    readonly name: string;
    readonly table: number;
    readonly attribute: number;
    readonly type: number;
    readonly size: number;
    readonly modifier: number;
    readonly format: number;
}

type TransactionStatus = "I" | "T" | "E";

declare function cancelRequest(writer: ByteWriter, processId: number, secretKey: Uint8Array): void;

declare function parse(writer: ByteWriter, name: string, text: string, types: readonly number[]): void;

declare function query(writer: ByteWriter, text: string): void;

declare const sync: Frame;

declare const terminate: Frame;

type Answer = Result | Result[];

type Answers<R> = R extends readonly Query<infer T>[] ? T[] : R;

type AuthMethod = "scram-sha-256" | "md5" | "password" | "none";

interface BatchOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

interface BeginOptions {
    readonly modes?: string | undefined;
    readonly retries?: number | undefined;
    readonly signal?: AbortSignal | undefined;
}

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

interface Description {
    readonly string: string;
    readonly types: readonly number[];
    readonly columns: readonly Column[];
}

interface Eagerness {
    readonly guess?: boolean | undefined;
    readonly handOver?: boolean | undefined;
}

interface EncodedParameters {
    readonly values: readonly WireValue[];
    readonly types: readonly number[];
}

declare class Entry implements Exchange {
    #private;
    readonly request: Request;
    readonly sink: ReplySink;
    readonly stream: StreamSink | undefined;
    copy: "none" | "in" | "over";
    stage: Stage;
    due: number;
    batch: number;
    expires: number;
    limit: number;
    watch: Deadline | undefined;
    constructor(owner: Owner, request: Request, sink: ReplySink, stream?: StreamSink);
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

type Frame = (writer: ByteWriter) => void;

interface Gap {
    readonly gap: true;
    readonly channel: string;
    readonly reason: "reconnected" | "overflow";
}

declare class Helper {
    readonly first: unknown;
    readonly rest: readonly string[];
    constructor(first: unknown, rest: readonly string[]);
}

interface Hold {
    readonly inTransaction: boolean;
    portalName(): string;
    run(task: Task): void;
    onRevoke: ((reason: unknown) => void) | undefined;
    end(): void;
}

interface HyperdriveBinding {
    readonly connectionString: string;
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

interface Load {
    readonly spare: number;
    readonly coming: number;
    readonly waiting: number;
}

interface Notification {
    readonly gap: false;
    readonly channel: string;
    readonly payload: string;
    readonly processId: number;
}

interface Owner {
    giveUp(entry: Entry, reason: unknown): void;
}

interface OwnSession {
    readonly session: Session & {
        readonly listeners: Listeners;
    };
    close(): Promise<unknown>;
}

interface PendingLogin {
    readonly proof: string;
    verify(serverFinal: string): void;
}

interface Portal {
    readonly name: string;
    readonly rows: number;
    readonly opened?: {
        readonly plan: RowPlan | undefined;
    } | undefined;
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

interface ProtocolVersions {
    readonly min: number;
    readonly max: number;
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

interface Registry {
    (type: number): Codec;
    readonly sessions?: TypeTable["sessions"];
}

interface ReservedSql extends Tag, AsyncDisposable {
    release(): void;
}

type ResponseFields = ReadonlyMap<string, string>;

declare class Result<T = unknown> extends Array<T> {
    #private;
    static get [Symbol.species](): ArrayConstructor;
    get command(): string;
    get count(): number;
    get columns(): readonly Column[];
    complete(tag: string, columns: readonly Column[] | undefined): void;
}

type RowOf<T> = T extends readonly (infer Row)[] ? (Row extends Result<infer Inner> ? Inner : Row) : unknown;

interface RowPlan {
    readonly columns: readonly Column[];
    readonly names: readonly string[];
    readonly decoders: readonly ValueDecoder[];
    readonly formats: readonly number[];
    readonly guarded: boolean;
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

type Stage = "held" | "sent" | "abandoned" | "over";

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

interface Subscriber {
    event(event: Notification | Gap): void;
    end(failure?: {
        readonly error: unknown;
    }): void;
}

interface Subscription extends AsyncDisposable {
    unlisten(): Promise<void>;
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

interface TransactionSql extends Tag {
    savepoint<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
    savepoint<R>(name: string, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
}

interface TypeCodec {
    register(table: TypeTable): void;
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
    createClient,
    type ClientOptions,
    converse,
    logIn,
    openConnection,
    sendCancel,
    type Connection,
    type Login,
    Conversation,
    serverReport,
    type Flow,
    type Line,
    type Listeners,
    type SessionStart,
    handshake,
    requestTls,
    type Greeting,
    type HandshakeSettings,
    parseOptions,
    type Settings,
    listenText,
    type AcquireSession,
    type Ear,
    type Exchange,
    type Hearing,
    type ReplySink,
    type Request,
    type Session,
    type SessionFacts,
    type Sessions,
    type StreamExchange,
    type StreamSink,
    Statements,
    BackendDecoder,
    type DecoderOptions,
    type DecoderSink,
    BACKEND,
    FRONTEND,
    type BackendMessage,
    type Column,
    type TransactionStatus,
    cancelRequest,
    parse,
    query,
    sync,
    terminate,
};
