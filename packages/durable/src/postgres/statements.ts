// The prepared statements of one backend. Callers send Parse with every query, for the unnamed statement; where this
// backend knows the same text with the same types, that Parse is dropped, and else the statement gets a name here. What is
// kept by is the whole content of Parse, so that no two are ever mistaken for each other.

import type { ByteWriter } from "@landline/core/bytes";
import { FRONTEND } from "@landline/postgres/wire";

const HEADER_BYTES = 5;
/** Longer ones are rarely the same twice, and would fill the server's memory. */
const MAX_KEPT_BYTES = 16 * 1024;
const STATEMENT = 0x53; // 'S'
const latin1 = new TextDecoder("latin1");

/** A statement of one backend. */
export interface Prepared {
  readonly key: string;
  readonly name: string;
  /** Whether its Parse has been answered, so that it can be left out. */
  confirmed: boolean;
}

/** What of a flight's frames a backend has, or gets, prepared. */
export interface PreparedFrames {
  /** What they rely on. */
  readonly reused: readonly Prepared[];
  /** What they prepare. */
  readonly fresh: readonly Prepared[];
}

/** A bounded set of statements, least recently used first out. */
export class BackendStatements {
  readonly #max: number;
  #byKey = new Map<string, Prepared>();
  #discarded: string[] = [];
  #next = 0;

  /** @param max 0 keeps none. */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Whether there is anything to prepare in these frames. */
  concerns(frames: Uint8Array): boolean {
    return this.#max > 0 && frames[0] === FRONTEND.parse;
  }

  /**
   * Names, keeps and leaves out; writes what is to be sent. `frames` have been checked: they are whole, and all of a kind
   * that a client may send.
   */
  prepare(frames: Uint8Array, writer: ByteWriter): PreparedFrames {
    const reused: Prepared[] = [];
    const fresh: Prepared[] = [];
    this.closeDiscarded(writer);
    /** The statement that stands for the unnamed one. */
    let current: Prepared | undefined;
    for (let at = 0; at < frames.length;) {
      const end = at + 1 + lengthAt(frames, at + 1);
      const frame = frames.subarray(at, end);
      at = end;
      if (frame[0] === FRONTEND.parse && frame[HEADER_BYTES] === 0) {
        current = this.#parse(writer, frame, reused, fresh);
      } else if (frame[0] === FRONTEND.bind && current !== undefined) {
        bindTo(writer, frame, current.name);
      } else if (
        frame[0] === FRONTEND.describe &&
        frame[HEADER_BYTES] === STATEMENT &&
        frame[HEADER_BYTES + 1] === 0 &&
        current !== undefined
      ) {
        aboutStatement(writer, FRONTEND.describe, current.name);
      } else {
        writer.bytes(frame);
      }
    }
    return { reused, fresh };
  }

  /**
   * The statement of this backend with the content of a Parse (what follows its name). Where there is none yet, its Parse is
   * written to what `writerOf` returns; `wrote` tells. `undefined`: it is not to be kept.
   */
  named(
    content: Uint8Array,
    writerOf: () => ByteWriter,
  ): { readonly statement: Prepared; readonly wrote: boolean } | undefined {
    if (this.#max === 0 || content.length > MAX_KEPT_BYTES) return undefined;
    const key = latin1.decode(content);
    const known = this.#byKey.get(key);
    if (known === undefined) return { statement: this.#add(writerOf(), key, content), wrote: true };
    this.#used(known);
    return { statement: known, wrote: false };
  }

  /** Closes what has been discarded. Returns the names of these; a CloseComplete will answer each. */
  closeDiscarded(writer: ByteWriter): readonly string[] {
    const closed = this.#discarded;
    this.#discarded = [];
    for (const name of closed) aboutStatement(writer, FRONTEND.close, name);
    return closed;
  }

  /** The server has this one still. */
  closeLater(name: string): void {
    this.#discarded.push(name);
  }

  /** What came of a flight: without an error, what it prepared is there. */
  landed({ fresh }: PreparedFrames, failed: boolean): void {
    for (const statement of fresh) {
      if (failed) this.discard(statement);
      else statement.confirmed = true;
    }
  }

  /** Forgets one, and closes it in time: the server may still have it. */
  discard(statement: Prepared): void {
    if (this.#byKey.get(statement.key) !== statement) return;
    this.#byKey.delete(statement.key);
    this.#discarded.push(statement.name);
  }

  /** The server has none of them any more. */
  clear(): void {
    this.#byKey.clear();
    this.#discarded = [];
  }

  #parse(writer: ByteWriter, frame: Uint8Array, reused: Prepared[], fresh: Prepared[]): Prepared | undefined {
    const content = frame.subarray(HEADER_BYTES + 1);
    const key = content.length > MAX_KEPT_BYTES ? undefined : latin1.decode(content);
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known?.confirmed === true) {
      this.#used(known);
      reused.push(known);
      return known;
    }
    // Not to be kept, or its Parse is in flight and may fail, so that this one cannot build on it.
    if (key === undefined || known !== undefined) {
      writer.bytes(frame);
      return undefined;
    }
    const statement = this.#add(writer, key, content);
    fresh.push(statement);
    return statement;
  }

  #add(writer: ByteWriter, key: string, content: Uint8Array): Prepared {
    if (this.#byKey.size >= this.#max) {
      const [oldest] = this.#byKey.values();
      if (oldest !== undefined) this.discard(oldest);
    }
    const statement: Prepared = { key, name: `pool_${this.#next++}`, confirmed: false };
    this.#byKey.set(key, statement);
    parse(writer, statement.name, content);
    return statement;
  }

  #used(statement: Prepared): void {
    this.#byKey.delete(statement.key);
    this.#byKey.set(statement.key, statement);
  }
}

/** Bind of the unnamed statement, made one of `name`: portal, statement, and the rest as it was. */
function bindTo(writer: ByteWriter, frame: Uint8Array, name: string): void {
  const portalEnd = frame.indexOf(0, HEADER_BYTES) + 1;
  if (frame[portalEnd] !== 0) return writer.bytes(frame);
  const start = writer.length;
  writer.bytes(frame.subarray(0, portalEnd));
  writer.cstring(name);
  writer.bytes(frame.subarray(portalEnd + 1));
  writer.setI32(start + 1, writer.length - start - 1);
}

/** Parse: the statement's name, and `content` as it came, its text and its parameters' types. */
export function parse(writer: ByteWriter, name: string, content: Uint8Array): void {
  const start = writer.length;
  writer.u8(FRONTEND.parse);
  writer.i32(0);
  writer.cstring(name);
  writer.bytes(content);
  writer.setI32(start + 1, writer.length - start - 1);
}

/** Describe or Close of a statement. */
export function aboutStatement(writer: ByteWriter, type: number, name: string): void {
  const start = writer.length;
  writer.u8(type);
  writer.i32(0);
  writer.u8(STATEMENT);
  writer.cstring(name);
  writer.setI32(start + 1, writer.length - start - 1);
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
