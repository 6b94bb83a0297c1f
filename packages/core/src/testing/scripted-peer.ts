// A peer by script: the other end of a transport, which expects and sends messages of any codec in a given order. When the
// script does not fit what happens, the error shows everything that was said. Never waits longer than its timeout.

import type { Transport } from "../transport.ts";
import { type Codec, describeValue } from "./codec.ts";

/** What {@link ScriptedPeer.expect} accepts: an equal message, one whose description matches, or one that a function takes. */
export type Expected<In> = In | RegExp | ((message: In) => boolean);

/** Options of a {@link ScriptedPeer}. */
export interface ScriptedPeerOptions {
  /** Milliseconds that each `expect` waits. Default 2,000. */
  readonly timeout?: number;
}

/** The script and what happened do not fit. The message ends with the transcript. */
export class ScriptError extends Error {
  override readonly name: string = "ScriptError";
}

type Arrival<In> = { readonly message: In } | { readonly ending: string };

const DEFAULT_TIMEOUT = 2_000;
const ENDED = "the connection ended";
const RESET = "the connection was reset";

/**
 * Speaks one side of a protocol by script.
 *
 * @example
 * const [client, server] = await transportPair();
 * const peer = new ScriptedPeer(server, lines);
 * peer.send("220 ready");
 * await peer.expect(/^EHLO /);
 */
export class ScriptedPeer<In, Out = In> implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #codec: Codec<In, Out>;
  readonly #timeout: number;
  readonly #transcript: string[] = [];
  readonly #arrivals: Arrival<In>[] = [];
  #waiting: (() => void) | undefined;

  constructor(transport: Transport, codec: Codec<In, Out>, options: ScriptedPeerOptions = {}) {
    this.#transport = transport;
    this.#codec = codec;
    this.#timeout = options.timeout ?? DEFAULT_TIMEOUT;
    const decode = codec.decoder((message) => this.#arrived({ message }));
    transport.receive({
      data: decode,
      end: () => this.#arrived({ ending: ENDED }),
      error: (cause) => this.#arrived({ ending: cause instanceof Error ? `${RESET}: ${cause.message}` : RESET }),
    });
  }

  /** Everything said so far, a line for each message: `<` received, `>` sent, `!` what did not fit. */
  get transcript(): string {
    return this.#transcript.map((line) => `  ${line}`).join("\n");
  }

  /**
   * Takes the next message, and checks it.
   * @throws ScriptError when it is another one, when none comes in time, or when the connection ends instead.
   */
  async expect(expected: Expected<In>): Promise<In> {
    const arrival = await this.#next(() => this.#wanted(expected));
    if ("ending" in arrival) throw this.#failure(`${this.#wanted(expected)} was expected, and ${arrival.ending}`);
    if (!this.#fits(arrival.message, expected)) {
      throw this.#failure(`${this.#wanted(expected)} was expected, and ${this.#describe(arrival.message)} came`);
    }
    return arrival.message;
  }

  /** Takes the end of the connection, orderly or not. @throws ScriptError when a message comes instead, or nothing. */
  async expectEnd(): Promise<void> {
    const arrival = await this.#next(() => "the end");
    if ("message" in arrival) throw this.#failure(`the end was expected, and ${this.#describe(arrival.message)} came`);
  }

  /** Sends messages as one write. */
  send(...messages: readonly Out[]): void {
    for (const message of messages) {
      this.#transcript.push(`> ${this.#describe(message)}`);
      this.#transport.write(this.#codec.encode(message));
    }
  }

  /** Sends bytes that need not be a message. */
  sendBytes(bytes: Uint8Array): void {
    this.#transcript.push(`> ${describeValue(bytes)}`);
    this.#transport.write(bytes);
  }

  /** Ends this side; what the other says is still heard. */
  end(): void {
    this.#transcript.push("> end");
    this.#transport.end();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#transcript.push("> reset");
    this.#transport.abort();
  }

  /** Closes the connection. @throws ScriptError when messages came that the script did not expect. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport.close();
    const extra = this.#arrivals.filter((arrival) => "message" in arrival).length;
    if (extra > 0) throw this.#failure(`${extra} messages came that the script does not expect`);
  }

  #arrived(arrival: Arrival<In>): void {
    this.#transcript.push(`< ${"message" in arrival ? this.#describe(arrival.message) : arrival.ending}`);
    this.#arrivals.push(arrival);
    this.#waiting?.();
  }

  async #next(wanted: () => string): Promise<Arrival<In>> {
    if (this.#waiting !== undefined) throw new TypeError("one expect() at a time");
    if (this.#arrivals.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#timeout);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#waiting = undefined;
    }
    const arrival = this.#arrivals[0];
    if (arrival === undefined) throw this.#failure(`${wanted()} did not come within ${this.#timeout} ms`);
    // The end stays: whatever is expected behind it meets it too.
    if ("message" in arrival) this.#arrivals.shift();
    return arrival;
  }

  #fits(message: In, expected: Expected<In>): boolean {
    if (typeof expected === "function") return (expected as (message: In) => boolean)(message);
    const text = this.#describe(message);
    return expected instanceof RegExp ? expected.test(text) : text === this.#describe(expected as In);
  }

  #wanted(expected: Expected<In>): string {
    if (typeof expected === "function") return "a message that fits";
    return expected instanceof RegExp ? String(expected) : this.#describe(expected as In);
  }

  #describe(message: In | Out): string {
    return this.#codec.describe?.(message) ?? describeValue(message);
  }

  #failure(what: string): ScriptError {
    this.#transcript.push(`! ${what}`);
    return new ScriptError(`${what}\n${this.transcript}`);
  }
}
