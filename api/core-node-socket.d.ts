// What @landline/core/node-socket declares to the public, made by `pnpm api`.

import { Socket as Socket$node_net } from "node:net";

declare function nodeSocket(options?: NodeSocketOptions): NodeSocket;

declare class NodeSocket extends Base {
    #private;
    encrypted: boolean;
    authorized: boolean;
    host: string | undefined;
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
    readonly peerMayEnd?: boolean;
}

declare const Base: typeof Socket$node_net;

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

type Negotiation = (transport: Transport) => Promise<boolean>;

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

interface UpgradeOptions {
    readonly servername?: string | undefined;
    readonly [option: string]: unknown;
}

interface WaitOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

export {
    nodeSocket,
    NodeSocket,
    type NodeSocketOptions,
};
