// What @landline/core/bytes declares to the public, made by `pnpm api`.

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

interface ReadOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

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

export {
    ByteReader,
    type ByteSource,
    type ReadOptions,
    type ReadUntilOptions,
    ByteWriter,
};
