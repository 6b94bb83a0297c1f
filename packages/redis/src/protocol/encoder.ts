// Commands as RESP arrays of bulk strings (RESP2.md, "Sending commands to a Redis server"). One pass: the length of a text
// is guessed from its characters and mended if it was not ASCII. Inline commands are never sent.

import type { ByteWriter } from "@landline/core/bytes";
import { ARRAY, BULK_STRING, CR, LF } from "./messages.ts";
import type { Argument, Command } from "./messages.ts";

/** Bytes from this size on are handed on as they are, instead of being copied; texts are encoded on their own. */
const LARGE = 16 * 1024;
const ZERO = 0x30;
const utf8 = new TextEncoder();

/** Where frames are written to. A `Transport` is one. */
export interface FrameWriter {
  readonly writer: ByteWriter;
  /** Queues bytes behind what was written; large ones must stay unchanged until they are flushed. */
  write(bytes: Uint8Array): void;
}

/**
 * Throws for what cannot be an argument, so that nothing is written of a command that has one.
 * @throws TypeError
 */
export function checkArguments(command: readonly unknown[]): asserts command is Command {
  for (let index = 0; index < command.length; index++) {
    const argument = command[index];
    const type = typeof argument;
    if (type === "string" || type === "bigint" || argument instanceof Uint8Array) continue;
    if (type === "number" && !Number.isNaN(argument)) continue;
    throw new TypeError(
      `argument ${index} of ${String(command[0])} is ${describe(argument)}; a string, number, bigint or Uint8Array is needed`,
    );
  }
}

/** Writes one command whose arguments {@link checkArguments} has seen. */
export function encodeCommand(command: Command, out: FrameWriter): void {
  let writer = out.writer;
  header(writer, ARRAY, command.length);
  for (const argument of command) {
    if (typeof argument === "string" && argument.length < LARGE) {
      encodeText(writer, argument);
      continue;
    }
    const bytes = bytesOf(argument);
    header(writer, BULK_STRING, bytes.length);
    if (bytes.length < LARGE) {
      writer.bytes(bytes);
    } else {
      out.write(bytes);
      writer = out.writer;
    }
    lineEnd(writer);
  }
}

function encodeText(writer: ByteWriter, text: string): void {
  const guessed = text.length;
  header(writer, BULK_STRING, guessed);
  const start = writer.length;
  const written = writer.utf8(text);
  if (written !== guessed) {
    const moved = digitsOf(written) - digitsOf(guessed);
    if (moved > 0) {
      writer.reserve(moved);
      writer.buffer.copyWithin(start + moved, start, start + written);
    }
    writer.rewind(start - digitsOf(guessed) - 3);
    header(writer, BULK_STRING, written);
    writer.length += written;
  }
  lineEnd(writer);
}

function header(writer: ByteWriter, type: number, count: number): void {
  const digits = digitsOf(count);
  const at = writer.reserve(digits + 3);
  const { buffer } = writer;
  buffer[at] = type;
  let rest = count;
  for (let index = at + digits; index > at; index--) {
    const next = Math.floor(rest / 10);
    buffer[index] = ZERO + (rest - next * 10);
    rest = next;
  }
  buffer[at + digits + 1] = CR;
  buffer[at + digits + 2] = LF;
  writer.length = at + digits + 3;
}

function digitsOf(count: number): number {
  let digits = 1;
  for (let bound = 10; count >= bound; bound *= 10) digits++;
  return digits;
}

function lineEnd(writer: ByteWriter): void {
  const at = writer.reserve(2);
  writer.buffer[at] = CR;
  writer.buffer[at + 1] = LF;
  writer.length = at + 2;
}

function bytesOf(argument: Argument): Uint8Array {
  if (argument instanceof Uint8Array) return argument;
  if (argument === Infinity) return utf8.encode("inf");
  if (argument === -Infinity) return utf8.encode("-inf");
  return utf8.encode(String(argument));
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number") return "NaN";
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object (${value.constructor?.name ?? "without prototype"})`;
}
