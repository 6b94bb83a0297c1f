// What @landline/postgres/geometric declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { Lease } from "@landline/core/pool";

declare class Point implements PostgresText {
    readonly x: number;
    readonly y: number;
    constructor(x: number, y: number);
    toPostgres(): string;
}

declare class Line implements PostgresText {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    constructor(a: number, b: number, c: number);
    toPostgres(): string;
}

declare class Segment implements PostgresText {
    readonly from: Point;
    readonly to: Point;
    constructor(from: Point, to: Point);
    toPostgres(): string;
}

declare class Box implements PostgresText {
    readonly high: Point;
    readonly low: Point;
    constructor(high: Point, low: Point);
    toPostgres(): string;
}

declare class Path implements PostgresText {
    readonly points: readonly Point[];
    readonly isOpen: boolean;
    constructor(points: readonly Point[], isOpen?: boolean);
    toPostgres(): string;
}

declare class Polygon implements PostgresText {
    readonly points: readonly Point[];
    constructor(points: readonly Point[]);
    toPostgres(): string;
}

declare class Circle implements PostgresText {
    readonly center: Point;
    readonly radius: number;
    constructor(center: Point, radius: number);
    toPostgres(): string;
}

declare const geometric: TypeCodec;

interface AcquireSession {
    readonly signal?: AbortSignal | undefined;
    readonly hold?: boolean | undefined;
}

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

interface PostgresText {
    toPostgres(): string;
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

export {
    Point,
    Line,
    Segment,
    Box,
    Path,
    Polygon,
    Circle,
    geometric,
};
