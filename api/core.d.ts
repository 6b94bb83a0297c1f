// What @landline/core declares to the public, made by `pnpm api`.

declare function connect(address: AnySocketAddress, options?: SocketOptions): Socket;

declare function dial(address: AnySocketAddress, options?: DialOptions): Promise<Transport>;

interface DialOptions extends TlsOptions {
    readonly tls?: TlsMode;
    readonly negotiate?: Negotiation;
    readonly connectTimeout?: number;
    readonly signal?: AbortSignal | undefined;
    readonly connect?: Connector | undefined;
}

type Negotiation = (transport: Transport) => Promise<boolean>;

declare function transportOf(socket: Socket, address?: AnySocketAddress): Promise<Transport>;

interface CloseInfo {
    readonly reason: "local" | "remote" | "aborted" | "failed";
    readonly cause?: unknown;
    readonly bytesRead: number;
    readonly bytesWritten: number;
}

interface Transport {
    readonly info: TransportInfo;
    receive(sink: TransportSink): void;
    pull(options?: WaitOptions): Promise<Uint8Array | undefined>;
    unread(bytes: Uint8Array): void;
    pause(): void;
    resume(): void;
    readonly writer: ByteWriter;
    write(bytes: Uint8Array): void;
    readonly backlog: number;
    drained(options?: WaitOptions): Promise<void>;
    startTls(): Promise<void>;
    end(): void;
    close(options?: {
        timeout?: number;
    }): Promise<CloseInfo>;
    abort(reason?: unknown): void;
    ref?(keep: boolean): void;
    readonly closed: Promise<CloseInfo>;
}

interface TransportInfo {
    readonly address: SocketAddress;
    readonly secure: boolean;
    readonly runtime: "workerd" | "node" | "memory" | "custom";
    readonly remoteAddress?: string;
    readonly localAddress?: string;
    readonly alpn?: string | undefined;
    readonly peerCertificate?: Uint8Array | undefined;
}

interface TransportSink {
    data(chunk: Uint8Array): void;
    end(): void;
    error(cause: unknown): void;
}

interface WaitOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

type AnySocketAddress = SocketAddress | string;

type Connector = (address: SocketAddress, options: SocketOptions) => Socket;

type SecureTransport = "off" | "on" | "starttls";

interface Socket {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly opened: Promise<SocketInfo>;
    readonly closed: Promise<void>;
    readonly upgraded: boolean;
    readonly secureTransport: SecureTransport;
    startTls(): Socket;
    close(reason?: unknown): Promise<void>;
}

interface SocketAddress {
    readonly hostname: string;
    readonly port: number;
}

interface SocketInfo {
    readonly remoteAddress?: string;
    readonly localAddress?: string;
    readonly alpn?: string | null;
    readonly peerCertificate?: Uint8Array | undefined;
}

interface SocketOptions {
    readonly secureTransport?: SecureTransport;
    readonly allowHalfOpen?: boolean;
    readonly highWaterMark?: number;
    readonly tls?: TlsOptions;
}

type TlsMode = "off" | "on" | "starttls" | "prefer";

interface TlsOptions {
    readonly ca?: string | readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly alpn?: readonly string[];
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
}

declare function parseAddress(address: AnySocketAddress): SocketAddress;

declare class Deadlines {
    #private;
    guard(timeout: number | undefined, signal: AbortSignal | undefined, fire: (why: "timeout" | "abort") => void): Deadline;
    clear(): void;
    forget(entry: Entry): void;
}

interface Deadline {
    clear(): void;
}

declare class ClosedError extends LandlineError {
    readonly name: string;
}

declare class ConnectError extends LandlineError {
    readonly name: string;
}

declare function isLandlineError(error: unknown): error is LandlineError;

declare class LandlineError extends Error {
    readonly name: string;
    readonly code: string;
    readonly outcome: Outcome;
    constructor(message: string, init: ErrorInit);
}

declare class PoolError extends LandlineError {
    readonly name: string;
}

declare class ProtocolError extends LandlineError {
    readonly name: string;
    constructor(message: string, init?: Partial<ErrorInit>);
}

declare class TimeoutError extends LandlineError {
    readonly name: string;
}

declare class TlsError extends LandlineError {
    readonly name: string;
}

type ErrorCode = "CONNECT_FAILED" | "CONNECT_REFUSED" | "CONNECT_NOT_FOUND" | "CONNECT_UNREACHABLE" | "CONNECT_PROHIBITED" | "CONNECT_GLOBAL_SCOPE" | "TLS_FAILED" | "TLS_CERTIFICATE" | "TLS_DECLINED" | "TLS_INJECTION" | "TLS_UNSUPPORTED_OPTION" | "TIMEOUT" | "CLOSED" | "CONNECTION_LOST" | "FOREIGN_REQUEST" | "PROTOCOL_VIOLATION" | "PROTOCOL_LIMIT" | "PROTOCOL_TRUNCATED" | "AUTH_REFUSED" | "POOL_TIMEOUT" | "POOL_FULL" | "POOL_BROKEN" | "POOL_OVERLOADED" | "POOL_CLOSED";

interface ErrorInit {
    readonly code: string;
    readonly outcome: Outcome;
    readonly cause?: unknown;
}

type Outcome = "unsent" | "refused" | "unknown";

declare class Observation {
    #private;
    readonly attributes: Attributes;
    constructor(kind: OperationKind, observer: Observer | undefined, attributes: Attributes);
    get on(): boolean;
    begin(name: string, attributes: Attributes, details?: () => Attributes): (end: OperationEnd) => void;
    follow<T>(promise: Promise<T>, end: (end: OperationEnd) => void, attributes?: (value: T) => Attributes): void;
    run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

declare function poolObserver(observer: Observer | undefined, attributes: Attributes): (event: PoolEvent) => void;

type Attributes = Readonly<Record<string, string | number | boolean>>;

type Observer = (operation: Operation) => ((end: OperationEnd) => void) | void;

declare class Operation {
    #private;
    readonly kind: OperationKind;
    readonly name: string;
    readonly attributes: Attributes;
    readonly ended: OperationEnd | undefined;
    readonly error: unknown;
    constructor(kind: OperationKind, name: string, attributes: Attributes, details?: () => Attributes);
    details(): Attributes;
}

interface OperationEnd {
    readonly error?: unknown;
    readonly attributes?: Attributes;
}

type OperationKind = "connect" | "query" | "command" | "send" | "pool";

declare class ByteWriter {
    #private;
    buffer: Uint8Array;
    length: number;
    constructor(capacity?: number);
    reserve(bytes: number): number;
    u8(value: number): void;
    i16(value: number): void;
    i32(value: number): void;
    setI32(at: number, value: number): void;
    bytes(bytes: Uint8Array): void;
    utf8(text: string): number;
    cstring(text: string): void;
    rewind(mark: number): void;
    take(): Uint8Array;
    recycle(taken: Uint8Array): void;
}

declare class Entry implements Deadline {
    at: number;
    fire: ((why: "timeout" | "abort") => void) | undefined;
    signal: AbortSignal | undefined;
    owner: Deadlines;
    constructor(owner: Deadlines, at: number, fire: (why: "timeout" | "abort") => void, signal: AbortSignal | undefined);
    clear(): void;
}

type PoolEvent = {
    readonly type: "create" | "created" | "acquire" | "release" | "wait";
} | {
    readonly type: "createFailed";
    readonly error: unknown;
} | {
    readonly type: "retire";
    readonly reason: RetireReason;
}
 | {
    readonly type: "leak";
    readonly age: number;
    readonly stack: string | undefined;
};

type RetireReason = "closed" | "idle" | "lifetime" | "uses" | "reset" | "validate" | "broken" | "drain";

export {
    connect,
    dial,
    type DialOptions,
    type Negotiation,
    transportOf,
    type CloseInfo,
    type Transport,
    type TransportInfo,
    type TransportSink,
    type WaitOptions,
    type AnySocketAddress,
    type Connector,
    type SecureTransport,
    type Socket,
    type SocketAddress,
    type SocketInfo,
    type SocketOptions,
    type TlsMode,
    type TlsOptions,
    parseAddress,
    Deadlines,
    type Deadline,
    ClosedError,
    ConnectError,
    isLandlineError,
    LandlineError,
    PoolError,
    ProtocolError,
    TimeoutError,
    TlsError,
    type ErrorCode,
    type ErrorInit,
    type Outcome,
    Observation,
    poolObserver,
    type Attributes,
    type Observer,
    type Operation,
    type OperationEnd,
    type OperationKind,
};
