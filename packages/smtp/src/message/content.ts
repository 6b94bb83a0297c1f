// What a part of a message may be made of, and its bytes on demand: in memory, or from a stream that is read as the
// connection takes it. No files, no URLs.

import { checkWellFormed } from "./text.ts";

/** Bytes that come one after the other. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Bytes, text that is sent as UTF-8, a Blob, a stream that can be read once, or a function that gives a new stream each
 * time it is called.
 */
export type Content = Uint8Array | string | Blob | ByteStream | (() => ByteStream | Blob | Promise<ByteStream | Blob>);

/** Bytes that are made when they are wanted. */
export interface Lazy {
  /** How many there will be, where that is known. */
  readonly size: number | undefined;
  /** Whether it can be opened more than once. */
  readonly replayable: boolean;
  /** A piece is the caller's until he asks for the next. */
  open(): AsyncIterable<Uint8Array>;
}

/** A stretch of a message. */
export type Segment = Uint8Array | Lazy;

const utf8 = new TextEncoder();

/** The content as a stretch of bytes. @throws TypeError when it is nothing that can be one. */
export function segmentOf(content: unknown, what: string): Segment {
  if (typeof content === "string") {
    checkWellFormed(content, what);
    return utf8.encode(content);
  }
  if (content instanceof Uint8Array) return content;
  if (content instanceof Blob) return lazy(content.size, true, () => content.stream(), what);
  if (typeof content === "function") return lazy(undefined, true, content as () => ByteStream, what);
  if (content instanceof ReadableStream && content.locked) throw new TypeError(`${what} is a stream that is in use`);
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content)
    return lazy(undefined, false, () => content as ByteStream, what);
  throw new TypeError(`${what} must be bytes, text, a Blob, a stream, or a function that gives a stream`);
}

function lazy(
  size: number | undefined,
  replayable: boolean,
  source: () => ByteStream | Blob | Promise<ByteStream | Blob>,
  what: string,
): Lazy {
  // By hand: a generator for each layer makes so many promises for each piece that a large stream costs megabytes of heap.
  const open = (): AsyncIterable<Uint8Array> => {
    let left = size;
    let inner: AsyncIterator<Uint8Array> | undefined;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (inner === undefined) {
        const given = await source();
        // ReadableStream is an async iterable on every runtime of ours, and is cancelled when the loop is left.
        const stream = (given instanceof Blob ? given.stream() : given) as AsyncIterable<Uint8Array>;
        inner = stream[Symbol.asyncIterator]();
      }
      const { done, value } = await inner.next();
      if (done === true) {
        if (left !== undefined && left !== 0) throw new TypeError(`${what} did not have as many bytes as it said`);
        return { done, value: undefined };
      }
      if (!(value instanceof Uint8Array)) {
        await inner.return?.();
        throw new TypeError(`${what} is a stream of something that is not bytes`);
      }
      if (left !== undefined) left -= value.length;
      return { done: false, value };
    };
    return iterable(next, () => inner?.return?.());
  };
  return { size, replayable, open };
}

function iterable(
  next: () => Promise<IteratorResult<Uint8Array, undefined>>,
  leave: () => unknown,
): AsyncIterable<Uint8Array> {
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await leave();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

/** Bytes of all stretches together, where known. */
export function sizeOf(segments: readonly Segment[]): number | undefined {
  let sum = 0;
  for (const segment of segments) {
    const size = segment instanceof Uint8Array ? segment.length : segment.size;
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

/** One stretch behind the other: an array when all are in memory. */
export function join(segments: readonly Segment[]): readonly Uint8Array[] | AsyncIterable<Uint8Array> {
  if (segments.every((segment) => segment instanceof Uint8Array)) return segments;
  return {
    [Symbol.asyncIterator]() {
      let index = 0;
      let inner: AsyncIterator<Uint8Array> | undefined;
      const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        for (;;) {
          const result = await inner?.next();
          if (result?.done === false) return result;
          const segment = segments[index++];
          if (segment === undefined) return { done: true, value: undefined };
          if (segment instanceof Uint8Array) {
            inner = undefined;
            return { done: false, value: segment };
          }
          inner = segment.open()[Symbol.asyncIterator]();
        }
      };
      return iterable(next, () => inner?.return?.())[Symbol.asyncIterator]();
    },
  };
}
