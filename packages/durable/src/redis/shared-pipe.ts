// The connection that all Workers of an object share. Pieces of commands go out back to back, and each gets the bytes that
// answer it, in order; who stops waiting leaves a place in the order behind.

import { ClosedError, PoolError, ProtocolError, TimeoutError, type Deadline, type Deadlines } from "@landline/core";
import type { Transport, TransportSink } from "@landline/core";
import { ReplyWalker, type ReplyWalkerSink } from "./reply-walker.ts";

/** What of a transport a pipe goes over. */
export interface PipeWire extends Pick<Transport, "write" | "abort"> {
  receive(sink: TransportSink): void;
  close(): Promise<unknown>;
}

/** Bounds. */
export interface PipeLimits {
  readonly maxInFlight: number;
  readonly maxReplyBytes: number;
  /** Milliseconds that a reply nobody waits for any more may take before the connection is given up. */
  readonly stallTimeout: number;
}

interface Piece {
  /** Replies that are still to come. */
  left: number;
  chunks: Uint8Array[];
  length: number;
  resolve: ((bytes: Uint8Array) => void) | undefined;
  reject: ((error: unknown) => void) | undefined;
}

/** One shared connection. */
export class SharedPipe implements ReplyWalkerSink {
  alive = true;
  inFlight = 0;
  onEnd: (() => void) | undefined;
  readonly #transport: PipeWire;
  readonly #limits: PipeLimits;
  readonly #deadlines: Deadlines;
  readonly #walker = new ReplyWalker();
  #pieces: Piece[] = [];
  #head = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  #from = 0;

  constructor(transport: PipeWire, limits: PipeLimits, deadlines: Deadlines) {
    this.#transport = transport;
    this.#limits = limits;
    this.#deadlines = deadlines;
    transport.receive({
      data: (chunk) => this.#data(chunk),
      end: () => {
        this.#lost(
          new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" }),
        );
        void transport.close();
      },
      error: (cause) => this.#lost(cause),
    });
  }

  /** Sends `count` commands, and waits `timeout` ms at most. Rejects with a LandlineError that says what became of them. */
  run(commands: Uint8Array, count: number, timeout: number): Promise<Uint8Array> {
    const { maxInFlight } = this.#limits;
    if (this.inFlight > 0 && this.inFlight + count > maxInFlight) {
      return Promise.reject(
        new PoolError(`${maxInFlight} commands are in flight already; nothing of these was sent`, {
          code: "POOL_FULL",
          outcome: "unsent",
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const piece: Piece = { left: count, chunks: [], length: 0, resolve: undefined, reject: undefined };
      const deadline: Deadline = this.#deadlines.guard(timeout, undefined, () => {
        this.#forsake(piece);
        reject(
          new TimeoutError(`no reply within ${timeout} ms: the commands may or may not have been carried out`, {
            code: "TIMEOUT",
            outcome: "unknown",
          }),
        );
      });
      piece.resolve = (bytes) => {
        deadline.clear();
        resolve(bytes);
      };
      piece.reject = (error) => {
        deadline.clear();
        reject(error as Error);
      };
      this.#pieces.push(piece);
      this.inFlight += count;
      this.#transport.write(commands);
    });
  }

  /** Closes; what is in flight is lost. Always settles. */
  async close(): Promise<void> {
    this.#lost(new ClosedError("the connection was closed", { code: "CLOSED", outcome: "unknown" }));
    await this.#transport.close();
  }

  /** @internal For the walker. */
  reply(at: number): void {
    const piece = this.#pieces[this.#head];
    if (piece === undefined) throw new ProtocolError("the server sent a reply that answers no command");
    this.inFlight--;
    if (--piece.left > 0) return;
    this.#keep(piece, at);
    this.#head++;
    if (this.#head === this.#pieces.length) {
      this.#pieces = [];
      this.#head = 0;
    } else if (this.#head >= 1_024) {
      this.#pieces.splice(0, this.#head);
      this.#head = 0;
    }
    if (piece.resolve !== undefined) piece.resolve(joined(piece.chunks, piece.length));
  }

  /** @internal One beside replies goes with them, and is left out by who decodes those. */
  push(at: number): void {
    if (this.#pieces[this.#head] === undefined) this.#from = at;
  }

  #data(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#from = 0;
    this.#walker.push(chunk, this);
    const piece = this.#pieces[this.#head];
    if (piece !== undefined) this.#keep(piece, chunk.length);
  }

  #keep(piece: Piece, to: number): void {
    const from = this.#from;
    this.#from = to;
    if (piece.resolve === undefined || to === from) return;
    piece.chunks.push(this.#chunk.slice(from, to));
    piece.length += to - from;
    const { maxReplyBytes } = this.#limits;
    if (piece.length <= maxReplyBytes) return;
    piece.reject?.(
      new PoolError(
        `the replies have more than ${maxReplyBytes} bytes; ask for less at a time, or raise maxReplyBytes`,
        {
          code: "REPLY_TOO_LARGE",
          outcome: "unknown",
        },
      ),
    );
    this.#drop(piece);
  }

  #drop(piece: Piece): void {
    piece.resolve = piece.reject = undefined;
    piece.chunks = [];
  }

  #forsake(piece: Piece): void {
    this.#drop(piece);
    this.#deadlines.guard(this.#limits.stallTimeout, undefined, () => {
      if (piece.left > 0 && this.alive) {
        const late = new TimeoutError("the server has owed a reply for too long", {
          code: "TIMEOUT",
          outcome: "unknown",
        });
        this.#lost(late);
        this.#transport.abort(late);
      }
    });
  }

  #lost(cause: unknown): void {
    if (!this.alive) return;
    this.alive = false;
    const pieces = this.#pieces.slice(this.#head);
    this.#pieces = [];
    this.#head = 0;
    this.inFlight = 0;
    for (const { reject } of pieces) {
      reject?.(
        cause instanceof ProtocolError
          ? cause
          : new ClosedError(
              "the connection to the server was lost, and the commands may or may not have been carried out",
              {
                code: "CONNECTION_LOST",
                outcome: "unknown",
                cause,
              },
            ),
      );
    }
    this.onEnd?.();
  }
}

/** Exactly the bytes, in a buffer of their own. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
