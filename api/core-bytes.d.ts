// What @landline/core/bytes declares to the public, made by `pnpm api`.

declare class ByteReader {
    #private;
    constructor(source: ByteSource);
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
}

interface ByteSource {
    pull(options?: WaitOptions): Promise<Uint8Array | undefined>;
    unread(bytes: Uint8Array): void;
}

type ReadOptions = WaitOptions;

interface ReadUntilOptions extends ReadOptions {
    readonly maxBytes?: number;
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

interface WaitOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

export {
    ByteReader,
    type ByteSource,
    type ReadOptions,
    type ReadUntilOptions,
    ByteWriter,
};
