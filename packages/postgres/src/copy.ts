// What both directions of COPY have in common: one exchange by the simple protocol, on a session that is held until it has
// ended, and the promise of a stream once the server is ready for it.

import { LandlineError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { serverError } from "./errors.ts";
import type { ExecutionInit } from "./execution.ts";
import { failureOf, type Tell } from "./observe.ts";
import { query } from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import type { Executor } from "./query.ts";
import type { Session, StreamExchange, StreamSink } from "./session.ts";
import type { Hold, Task } from "./task.ts";

/** One direction's part of a COPY. */
export abstract class Copy<Stream> implements StreamSink, Task {
  readonly syncs = 1;
  readonly extended = false;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly silence: number | undefined;
  /** The stream, once the server is ready for it. */
  readonly opened: Promise<Stream>;
  onEnd: ((session: Session | undefined) => void) | undefined;
  /** Called when the session is done with it, with what has gone wrong. */
  whenOver: (error: unknown) => void = () => {};
  /** How much data has gone over it. */
  bytes = 0;
  abstract readonly copiesIn: boolean;
  /** Whether the stream is the caller's: from then on failures go there. */
  protected isOpen = false;
  /** Nothing may be done to the stream any more. */
  protected isOver = false;
  protected exchange: StreamExchange | undefined;
  readonly #text: string;
  #open!: (stream: Stream) => void;
  #refuse!: (error: unknown) => void;
  #error: unknown;
  /** What the caller was told, or has said himself, before the server's end. */
  #reason: unknown;

  constructor(init: ExecutionInit) {
    this.#text = init.text;
    this.signal = init.signal;
    this.timeout = init.timeout;
    this.silence = init.silence;
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#refuse = reject;
    });
  }

  /** Makes the stream: the server is ready for it. */
  protected abstract makeStream(): Stream;
  /** Ends the stream that {@link makeStream} made. */
  protected abstract endStream(failure: { readonly error: unknown } | undefined): void;
  abstract copyData(bytes: Uint8Array, start: number, end: number): void;

  start(session: Session): void {
    this.exchange = session.stream(this, this);
  }

  cancel(reason: unknown): void {
    this.#reason ??= reason;
    this.exchange?.cancel(reason);
  }

  write(writer: ByteWriter): void {
    query(writer, this.#text);
  }

  row(): void {}

  message(message: BackendMessage): void {
    if (message.type === (this.copiesIn ? "copyInResponse" : "copyOutResponse") && !this.isOpen) {
      this.isOpen = true;
      this.#open(this.makeStream());
    } else if (message.type === "errorResponse") {
      this.#error = serverError(message.fields, this.#text);
      this.#tell({ error: this.#error });
    }
  }

  abandon(reason: unknown): void {
    this.#reason ??= reason;
    this.#tell({ error: reason });
  }

  fail(error: unknown): void {
    this.end(error);
  }

  end(error?: unknown): void {
    this.onEnd?.(undefined);
    const failure = this.#error ?? error ?? (this.isOpen ? undefined : noCopy(this.copiesIn));
    this.#tell(failure === undefined ? undefined : { error: failure });
    this.whenOver(this.#reason ?? failure);
  }

  #tell(failure: { readonly error: unknown } | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.isOpen) this.endStream(failure);
    else this.#refuse(failure?.error);
  }
}

/** Runs it on a session of its own, or on that of the transaction. `tell` hears of its end. */
export async function runCopy<Stream>(executor: Executor, copy: Copy<Stream>, tell: Tell | undefined): Promise<Stream> {
  let hold: Hold;
  try {
    hold = await executor.hold(copy.signal);
  } catch (error) {
    tell?.({ error });
    throw error;
  }
  hold.onRevoke = (reason) => copy.cancel(reason);
  copy.whenOver = (error) => {
    hold.end();
    tell?.(error === undefined ? { attributes: { "landline.copy.bytes": copy.bytes } } : failureOf(error));
  };
  hold.run(copy);
  return copy.opened;
}

function noCopy(copiesIn: boolean): LandlineError {
  const what = copiesIn ? "COPY FROM STDIN" : "COPY TO STDOUT";
  return new LandlineError(`this statement was carried out, but it is no ${what}, so that there is nothing to stream`, {
    code: "COPY_EXPECTED",
    outcome: "unknown",
  });
}
