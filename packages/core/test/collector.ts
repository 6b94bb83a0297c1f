// A sink that keeps what it is given and lets tests wait for it.

import type { TransportSink } from "../src/index.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const utf8 = (value: string): Uint8Array => encoder.encode(value);
export const text = (bytes: Uint8Array | undefined): string => (bytes === undefined ? "" : decoder.decode(bytes));

export class Collector implements TransportSink {
  readonly endings: string[] = [];
  readonly ended: Promise<void>;
  readonly failed: Promise<unknown>;
  onData: (() => void) | undefined;
  length = 0;
  text = "";
  /** Whether the byte at offset n has been n mod 251 all along. */
  inOrder = true;
  #wanted = 0;
  #enough: (() => void) | undefined;
  #end!: () => void;
  #fail!: (error: unknown) => void;

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  data(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length; index++) {
      if (chunk[index] !== (this.length + index) % 251) this.inOrder = false;
    }
    this.length += chunk.length;
    if (this.length < 1_000_000) this.text += decoder.decode(chunk);
    this.onData?.();
    if (this.length >= this.#wanted) this.#enough?.();
  }

  end(): void {
    this.endings.push("end");
    this.#end();
  }

  error(cause: unknown): void {
    this.endings.push("error");
    this.#fail(cause);
  }

  /** Waits until `count` bytes have come in all, and gives them as text. */
  async bytes(count: number): Promise<string> {
    this.#wanted = count;
    if (this.length < count) await new Promise<void>((resolve) => (this.#enough = resolve));
    return this.text;
  }
}
