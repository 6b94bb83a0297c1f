// `connection.stream`: what query-like objects of others do with node-postgres' socket. They write frames of their own to it and
// wait for `drain`; and pg-copy-streams takes the "data" listener off, reads what arrives itself, and puts it back.

import type { Transport } from "@landline/core";
import { emit, EventEmitter } from "./emitter.ts";
import { bufferOf } from "./types/text.ts";

/** What it takes of a Connection. */
export interface StreamOwner {
  isOver(): boolean;
  destroy(error?: Error): void;
  end(): void;
  /** Somebody has emitted `error` on it. */
  failed(error: Error): void;
}

/** From here on a writer waits for `drain`, and what is not read stays with the peer. */
const HIGH_WATER_BYTES = 65_536;

/** The socket, as far as others use it. Emits `data`, `readable`, `drain` and `close`. */
export class ConnectionStream extends EventEmitter {
  readonly #owner: StreamOwner;
  #transport: Transport | undefined;
  /** What has arrived while nobody listened to `data`. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #paused = false;
  #keeps = true;
  #draining = false;

  constructor(owner: StreamOwner) {
    super();
    this.#owner = owner;
    this.on("error", (error: Error) => owner.failed(error));
  }

  get destroyed(): boolean {
    return this.#owner.isOver();
  }

  get writable(): boolean {
    return !this.#owner.isOver();
  }

  /** @internal */
  attach(transport: Transport): void {
    this.#transport = transport;
    if (!this.#keeps) transport.ref?.(false);
  }

  /** @internal A chunk, borrowed until this returns. */
  receive(chunk: Uint8Array): void {
    if (!this.#paused && this.listenerCount("data") > 0) return void this.emit("data", chunk);
    this.#held.push(bufferOf(chunk.slice()));
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= HIGH_WATER_BYTES) this.#transport?.pause();
    emit(this, "readable");
  }

  /** All that has arrived and was not taken, as one. */
  read(): Uint8Array | null {
    const chunk = this.#held.shift();
    if (chunk === undefined) return null;
    this.#heldBytes -= chunk.length;
    if (this.#heldBytes < HIGH_WATER_BYTES) this.#transport?.resume();
    return chunk;
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  /** What was held goes to those who listen to `data`. */
  resume(): this {
    this.#paused = false;
    while (!this.#paused && this.listenerCount("data") > 0) {
      const chunk = this.read();
      if (chunk === null) break;
      this.emit("data", chunk);
    }
    return this;
  }

  /** @returns false when the writer is to wait for `drain`. */
  write(bytes: Uint8Array): boolean {
    const transport = this.#transport;
    if (transport === undefined || this.#owner.isOver()) return false;
    transport.write(bytes);
    if (transport.backlog < HIGH_WATER_BYTES) return true;
    if (!this.#draining) void this.#drain(transport);
    return false;
  }

  async #drain(transport: Transport): Promise<void> {
    this.#draining = true;
    await transport.drained();
    this.#draining = false;
    emit(this, "drain");
  }

  end(): this {
    this.#owner.end();
    return this;
  }

  destroy(error?: Error): this {
    this.#owner.destroy(error);
    return this;
  }

  /** @internal */
  over(): void {
    emit(this, "close");
  }

  ref(): this {
    return this.#keep(true);
  }

  unref(): this {
    return this.#keep(false);
  }

  #keep(keeps: boolean): this {
    this.#keeps = keeps;
    this.#transport?.ref?.(keeps);
    return this;
  }

  // Of a socket there are these as well; there is nothing to set.
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}
