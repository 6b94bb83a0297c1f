// The reading side: from a transport into a stream. As fast as the transport where no upgrade can come, and one chunk at a time
// where one may (docs/design/node-socket.md, "Why an upgrade has a window").

import { Buffer } from "node:buffer";
import type { Transport } from "../transport.ts";

/** How many bytes may come before an upgrade: no protocol has more than a greeting and an answer there. */
const UPGRADE_WINDOW = 16 * 1024;
/**
 * Milliseconds without a read after each chunk in that window, unless the driver writes: an upgrade is not possible with a
 * read outstanding, and drivers upgrade some ticks after the answer that allows it.
 */
const UPGRADE_PAUSE = 2;

/** Where it goes. */
export interface Outlet {
  /** The transport, while it can be read. */
  ready(): Transport | undefined;
  /** Whether there is room for more. */
  push(chunk: Buffer): boolean;
  ended(): void;
  failed(cause: unknown): void;
}

/** Reads what is wanted. */
export class Intake {
  /** Bytes. */
  received = 0;
  /** An upgrade may still come, so that each read is asked for by itself. */
  upgradable: boolean;
  readonly #outlet: Outlet;
  /** The stream has room for what comes. */
  #wanted = false;
  #receiving = false;
  #pulling = false;
  #endPause: (() => void) | undefined;

  constructor(outlet: Outlet, upgradable: boolean) {
    this.#outlet = outlet;
    this.upgradable = upgradable;
  }

  /** The stream has room. */
  read(): void {
    this.#wanted = true;
    this.flow();
  }

  /** Goes on, if there is anything to go on with. */
  flow(): void {
    const transport = this.#outlet.ready();
    if (transport === undefined || !this.#wanted) return;
    if (this.upgradable) {
      if (!this.#pulling) void this.#pull(transport);
    } else if (this.#receiving) {
      transport.resume();
    } else {
      this.#receiving = true;
      transport.receive({
        data: (chunk) => {
          this.#take(Buffer.from(chunk));
          if (!this.#wanted) transport.pause();
        },
        end: () => this.#end(),
        error: (cause) => this.#outlet.failed(cause),
      });
    }
  }

  /** The driver has written, so that it does not upgrade now; or the socket has gone. */
  endPause(): void {
    this.#endPause?.();
  }

  /** One chunk, while an upgrade may come. */
  async #pull(transport: Transport): Promise<void> {
    this.#pulling = true;
    try {
      if (this.received > 0) await this.#pause();
      // The upgrade may have begun meanwhile, and be over.
      if (this.#outlet.ready() === undefined || !this.upgradable) return;
      const chunk = await transport.pull();
      if (chunk === undefined) this.#end();
      else this.#take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      if (this.received > UPGRADE_WINDOW) this.upgradable = false;
    } catch (error) {
      this.#outlet.failed(error);
    } finally {
      this.#pulling = false;
    }
    this.flow();
  }

  /** Ends with a write, or after a moment. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
      const timer = setTimeout(done, UPGRADE_PAUSE);
      this.#endPause = done;
    });
  }

  #end(): void {
    this.#wanted = false;
    this.#outlet.ended();
  }

  #take(chunk: Buffer): void {
    this.received += chunk.length;
    this.#wanted = false;
    if (this.#outlet.push(chunk)) this.#wanted = true;
  }
}
