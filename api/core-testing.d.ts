// What @landline/core/testing declares to the public, made by `pnpm api`.

declare function transportPair(options?: TransportPairOptions): Promise<[Transport, Transport]>;

interface TransportPairOptions {
    readonly chunkBytes?: number;
}

declare class ScriptedPeer<In, Out = In> implements AsyncDisposable {
    #private;
    constructor(transport: Transport, codec: Codec<In, Out>, options?: ScriptedPeerOptions);
    get transcript(): string;
    expect(expected: Expected<In>): Promise<In>;
    expectEnd(): Promise<void>;
    send(...messages: readonly Out[]): void;
    sendBytes(bytes: Uint8Array): void;
    end(): void;
    reset(): void;
    [Symbol.asyncDispose](): Promise<void>;
}

declare class ScriptError extends Error {
    readonly name: string;
}

type Expected<In> = In | RegExp | ((message: In) => boolean);

interface ScriptedPeerOptions {
    readonly timeout?: number;
}

declare const lines: Codec<string>;

interface Codec<In, Out = In> {
    decoder(emit: (message: In) => void): (chunk: Uint8Array) => void;
    encode(message: Out): Uint8Array;
    describe?(message: In | Out): string;
}

declare function seededRandom(seed: number, stream?: number): Random;

type Random = () => number;

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

interface CloseInfo {
    readonly reason: "local" | "remote" | "aborted" | "failed";
    readonly cause?: unknown;
    readonly bytesRead: number;
    readonly bytesWritten: number;
}

interface SocketAddress {
    readonly hostname: string;
    readonly port: number;
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

export {
    transportPair,
    type TransportPairOptions,
    ScriptedPeer,
    ScriptError,
    type Expected,
    type ScriptedPeerOptions,
    lines,
    type Codec,
    seededRandom,
    type Random,
};
