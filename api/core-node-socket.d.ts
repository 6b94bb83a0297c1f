// What @landline/core/node-socket declares to the public, made by `pnpm api`.

import { Socket } from "node:net";

declare function nodeSocket(options?: NodeSocketOptions): NodeSocket;

declare class NodeSocket extends Socket$node_net {
    #private;
    encrypted: boolean;
    authorized: boolean;
    constructor(options?: NodeSocketOptions);
    connect(...args: unknown[]): this;
    startTls(options?: UpgradeOptions): this;
    setTimeout(timeout: number, callback?: () => void): this;
    setNoDelay(_noDelay?: boolean): this;
    setKeepAlive(..._setting: unknown[]): this;
    ref(): this;
    unref(): this;
    address(): {
        address: string;
        port: number;
        family: string;
    } | Record<string, never>;
    destroySoon(): void;
    resetAndDestroy(): this;
    _read(): void;
    _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Callback): void;
    _writev(chunks: {
        chunk: Uint8Array | string;
        encoding: BufferEncoding;
    }[], callback: Callback): void;
    _final(callback: Callback): void;
    _destroy(error: Error | null, callback: (error?: Error | null) => void): void;
}

interface NodeSocketOptions extends Omit<DialOptions, "tls"> {
    readonly tls?: TlsMode;
}

declare class ByteReader {
    #private;
    constructor(source: ByteSource);
    get buffered(): number;
    readExactly(count: number, options?: ReadOptions): Promise<Uint8Array>;
    readInto(target: Uint8Array, options?: ReadOptions): Promise<void>;
    peek(count: number, options?: ReadOptions): Promise<Uint8Array>;
    skip(count: number, options?: ReadOptions): Promise<void>;
    readUntil(delimiter: number, options?: ReadUntilOptions): Promise<Uint8Array>;
    readLine(options?: ReadUntilOptions): Promise<string>;
    readU8(options?: ReadOptions): Promise<number>;
    readU16(options?: ReadOptions): Promise<number>;
    readU32(options?: ReadOptions): Promise<number>;
    readI32(options?: ReadOptions): Promise<number>;
    readI64(options?: ReadOptions): Promise<bigint>;
    detach(): Uint8Array;
}

interface ByteSource {
    pull(): Promise<Uint8Array | undefined>;
}

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

type Callback = (error?: Error | null) => void;

interface CloseInfo {
    readonly reason: "local" | "remote" | "aborted" | "failed";
    readonly cause?: unknown;
    readonly bytesRead: number;
    readonly bytesWritten: number;
}

type Connector = (address: SocketAddress, options: SocketOptions) => Socket;

interface DialOptions extends TlsOptions {
    readonly tls?: TlsMode;
    readonly negotiate?: Negotiation;
    readonly connectTimeout?: number;
    readonly signal?: AbortSignal | undefined;
    readonly connect?: Connector | undefined;
}

type Negotiation = (transport: Transport, reader: ByteReader) => Promise<boolean>;

interface ReadOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

interface ReadUntilOptions extends ReadOptions {
    readonly maxBytes?: number;
}

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

interface Transport {
    readonly info: TransportInfo;
    receive(sink: TransportSink): void;
    pull(): Promise<Uint8Array | undefined>;
    pause(): void;
    resume(): void;
    readonly writer: ByteWriter;
    write(bytes: Uint8Array): void;
    readonly backlog: number;
    drained(options?: {
        signal?: AbortSignal | undefined;
    }): Promise<void>;
    startTls(): Promise<void>;
    end(): void;
    close(options?: {
        timeout?: number;
    }): Promise<CloseInfo>;
    abort(reason?: unknown): void;
    readonly closed: Promise<CloseInfo>;
}

interface TransportInfo {
    readonly address: SocketAddress;
    readonly secure: boolean;
    readonly runtime: "workerd" | "node" | "memory" | "custom";
    readonly alpn?: string | undefined;
}

interface TransportSink {
    data(chunk: Uint8Array): void;
    end(): void;
    error(cause: unknown): void;
}

interface UpgradeOptions {
    readonly servername?: string | undefined;
    readonly [option: string]: unknown;
}

export {
    nodeSocket,
    NodeSocket,
    type NodeSocketOptions,
};
