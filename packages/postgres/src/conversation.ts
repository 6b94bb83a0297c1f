// A Session over anything that carries bytes both ways: the queue of exchanges, the place of each reply in it, deadlines,
// cancellation, and the end of all that. Sessions of connection.ts and of a Durable Object are both this class; it does
// no I/O of its own.

import { ClosedError, Deadlines, ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { Cancellation } from "./cancellation.ts";
import { closed, noStreams, timedOut, unasked } from "./endings.ts";
import { endsSession, PostgresError, serverReport, type ServerReport } from "./errors.ts";
import { type Entry, ExchangeQueue } from "./exchange-queue.ts";
import type { Line, Listeners, SessionStart } from "./line.ts";
import type { BackendDecoder, DecoderSink } from "./protocol/decoder.ts";
import { copyData, copyDone, copyFail, sync } from "./protocol/encoder.ts";
import type { BackendMessage, ResponseFields, TransactionStatus } from "./protocol/messages.ts";
import type { Exchange, ReplySink, Request, Session, SessionFacts, StreamExchange, StreamSink } from "./session.ts";
import type { Statements } from "./statements.ts";

const DEFAULT_CANCEL_TIMEOUT = 5_000;
/** By its names: Redshift calls it UNICODE. */
const UTF8 = /^(?:utf-?8|unicode)$/i;
const GOING = /^57P0[12]$/;
const COPY_GIVEN_UP = "the client gave the COPY up";
const COPY_REFUSED = "COPY FROM STDIN needs a stream to copy from";

/** One conversation. Feed it with {@link data}; end it with {@link end}. */
export class Conversation implements Session, DecoderSink {
  readonly facts: SessionFacts & { transaction: TransactionStatus; processId: number | undefined };
  readonly statements: Statements | undefined;
  readonly listeners: Listeners = {};
  readonly #line: Line;
  readonly #decoder: BackendDecoder;
  readonly #parameters: Map<string, string>;
  readonly #deadlines = new Deadlines();
  readonly #cancelTimeout: number;
  readonly #queue = new ExchangeQueue();
  /** Takes the rows: the head's sink, or one that drops or refuses them. */
  #rows: Pick<ReplySink, "row"> = NOBODY;
  #batch = 0;
  readonly #cancellation: Cancellation;
  /** A stream that has been sent: nothing is sent behind it. */
  #streaming: Entry | undefined;
  #paused = false;
  #lastReport: ServerReport | undefined;
  #gone: { readonly cause: unknown } | undefined;

  constructor(line: Line, start: SessionStart) {
    this.#line = line;
    this.#decoder = start.decoder;
    this.#parameters = start.parameters;
    this.#cancelTimeout = start.cancelTimeout ?? DEFAULT_CANCEL_TIMEOUT;
    this.#cancellation = new Cancellation(line, this.#deadlines, this.#cancelTimeout, {
      settled: (entry) => {
        this.#sendHeld();
        this.#over(entry);
      },
      failed: (why, cause) => this.#abort(why, cause),
    });
    this.statements = start.statements;
    this.facts = { parameters: start.parameters, processId: start.processId, transaction: "I" };
  }

  get idle(): boolean {
    return this.#queue.length === 0 && this.#cancellation.pending === undefined && !this.#decoder.midFrame;
  }

  get alive(): boolean {
    return this.#gone === undefined;
  }

  exchange(request: Request, sink: ReplySink): Exchange {
    const entry = newEntry(request, sink, undefined);
    this.#enter(entry);
    return { cancel: (reason) => this.#giveUp(entry, reason) };
  }

  stream(request: Request, sink: StreamSink): StreamExchange {
    const { flow } = this.#line;
    const entry = newEntry(request, sink, sink);
    if (flow === undefined) this.#over(entry, noStreams());
    else this.#enter(entry);
    return {
      cancel: (reason) => this.#giveUp(entry, reason),
      copyData: (bytes) => {
        if (entry.copy === "in" && this.#gone === undefined) copyData(this.#more(), bytes);
      },
      copyDone: () => this.#endCopy(entry, copyDone),
      drained: () => flow?.drained() ?? Promise.resolve(),
      pause: () => this.#pause(entry),
      resume: () => this.#resume(entry),
    };
  }

  #enter(entry: Entry): void {
    const { request, sink } = entry;
    const { signal, timeout } = request;
    if (this.#gone !== undefined) {
      this.#over(entry, closed("unsent", this.#gone.cause));
    } else if (signal?.aborted === true) {
      this.#over(entry, signal.reason);
    } else if (this.#cancellation.pending !== undefined || this.#streaming !== undefined || this.#send(entry)) {
      this.#queue.push(entry);
      if (this.#queue.length === 1 && entry.stage === "sent") this.#rows = sink;
      if (signal !== undefined || timeout !== undefined) {
        entry.deadline = this.#deadlines.guard(timeout, signal, (why) => {
          this.#giveUp(entry, why === "abort" ? signal?.reason : timedOut(entry.stage !== "held", timeout));
        });
      }
    }
  }

  /** Takes bytes of the server. @throws what is wrong with them; the caller then ends the conversation with that. */
  data(chunk: Uint8Array): void {
    this.#decoder.push(chunk, this);
  }

  /** @internal For the decoder. */
  row(bytes: Uint8Array, start: number, end: number): void {
    this.#rows.row(bytes, start, end);
  }

  /** @internal For the decoder. */
  copyData(bytes: Uint8Array, start: number, end: number): void {
    const entry = this.#queue.answered;
    if (entry === undefined)
      throw new ProtocolError("the server sent data of a COPY without having been asked anything");
    if (entry.stage === "sent") entry.stream?.copyData(bytes, start, end);
  }

  /** @internal For the decoder. */
  message(message: BackendMessage): void {
    switch (message.type) {
      case "readyForQuery":
        return this.#ready(message.status, message);
      case "parameterStatus":
        return this.#set(message.name, message.value);
      case "noticeResponse":
        return this.#notice(serverReport(message.fields));
      case "notificationResponse":
        return this.listeners.notification?.(message.channel, message.payload, message.processId);
      case "errorResponse":
        return this.#error(message.fields, message);
      case "copyInResponse":
        return this.#copyIn(message);
      default:
        this.#tell(message);
    }
  }

  /** Ends everything that is in flight or waiting: the line is gone for `cause`. Idempotent. */
  end(cause: unknown): void {
    if (this.#gone !== undefined) return;
    // What is still in the writer has not left; what has left may have been carried out.
    const unflushed = this.#line.writer.length > 0 ? this.#batch : -1;
    const reason = this.#endReason(cause);
    const sent = reason instanceof ProtocolError ? reason : closed("unknown", reason);
    this.#finish(reason, (entry) => (entry.batch === unflushed ? closed("unsent", reason) : sent));
  }

  /**
   * Like {@link end}, for a line that knows what became of what it took: everything that it took ends with `error` itself,
   * whatever its outcome.
   */
  fail(error: unknown): void {
    if (this.#gone === undefined) this.#finish(error, () => error);
  }

  #finish(reason: unknown, errorOf: (entry: Entry) => unknown): void {
    this.#gone = { cause: reason };
    const entries = this.#queue.takeAll();
    const { pending } = this.#cancellation;
    if (pending?.due === 0) entries.unshift(pending);
    this.#rows = NOBODY;
    for (const entry of entries) this.#over(entry, entry.stage === "held" ? closed("unsent", reason) : errorOf(entry));
    this.#deadlines.clear();
    this.listeners.end?.(reason);
  }

  /** The server's last words explain an end better than the silence after them. */
  #endReason(cause: unknown): unknown {
    if (this.#lastReport === undefined || cause instanceof ProtocolError) return cause;
    return new PostgresError(this.#lastReport, { outcome: "unknown" });
  }

  /** Writes an entry's frames; false when it could not, and the entry is over. */
  #send(entry: Entry): boolean {
    const writer = this.#line.writer;
    const mark = writer.length;
    try {
      entry.request.write(writer, this);
    } catch (error) {
      writer.rewind(mark);
      this.#over(entry, error);
      return false;
    }
    if (mark === 0) this.#batch++;
    entry.batch = this.#batch;
    entry.stage = "sent";
    if (entry.stream !== undefined) this.#streaming = entry;
    return true;
  }

  /** The writer, for frames of an exchange that has been sent already. */
  #more(): ByteWriter {
    const { writer } = this.#line;
    if (writer.length === 0) this.#batch++;
    return writer;
  }

  #endCopy(entry: Entry, write: (writer: ByteWriter) => void): void {
    if (entry.copy !== "in" || this.#gone !== undefined) return;
    entry.copy = "over";
    write(this.#more());
  }

  #pause(entry: Entry): void {
    if (this.#paused || entry.stage !== "sent" || this.#queue.head !== entry) return;
    this.#paused = true;
    this.#line.flow?.pause();
  }

  #resume(entry: Entry): void {
    if (!this.#paused || entry !== this.#streaming) return;
    this.#paused = false;
    this.#line.flow?.resume();
  }

  #ready(status: TransactionStatus, message: BackendMessage): void {
    this.facts.transaction = status;
    const entry = this.#queue.answered;
    if (entry === undefined)
      throw new ProtocolError("the server reported to be ready without having been asked anything");
    entry.due--;
    if (entry.stage === "sent") entry.sink.message(message);
    if (entry.due > 0) return;
    this.#resume(entry);
    const streamed = entry === this.#streaming;
    if (streamed) this.#streaming = undefined;
    this.#shift();
    if (entry === this.#cancellation.pending) return this.#cancellation.settle();
    if (streamed) this.#sendHeld();
    this.#over(entry);
  }

  #shift(): void {
    this.#queue.shift();
    const next = this.#queue.head;
    this.#rows = rowsOf(next);
    if (next?.stage === "abandoned") this.#tryCancel();
  }

  /** A session that changes its encoding sends and takes other texts than are read and written here. */
  #set(name: string, value: string): void {
    if (name === "client_encoding" && !UTF8.test(value))
      throw new ProtocolError(`client_encoding became ${value}, and texts are read as UTF8 here: leave it as it is`);
    this.#parameters.set(name, value);
  }

  /** A server that crashes, or is shut down at once, says so by a warning, and goes. */
  #notice(report: ServerReport): void {
    if (GOING.test(report.code)) this.#lastReport = report;
    this.listeners.notice?.(report);
  }

  #error(fields: ResponseFields, message: BackendMessage): void {
    const report = serverReport(fields);
    if (endsSession(report)) this.#lastReport = report;
    const entry = this.#queue.answered;
    if (entry === undefined) {
      if (endsSession(report)) return;
      throw new ProtocolError("the server reported an error without having been asked anything");
    }
    if (entry.copy === "in") entry.copy = "over";
    if (entry.stage === "sent") entry.sink.message(message);
  }

  #tell(message: BackendMessage): void {
    const entry = this.#queue.answered;
    if (entry === undefined) throw unasked(message);
    if (entry.stage === "sent") entry.sink.message(message);
  }

  #copyIn(message: BackendMessage): void {
    const entry = this.#queue.answered;
    if (entry?.stage !== "sent" || entry.stream?.copiesIn !== true || entry.copy !== "none")
      return this.#refuseCopy(message);
    entry.copy = "in";
    entry.sink.message(message);
  }

  /**
   * A server in copy-in mode ignores every Sync, ours included, and takes the next query for data that does not fit. Alone,
   * it can be talked out of it; with others behind, their replies would shift.
   */
  #refuseCopy(message: BackendMessage): void {
    const entry = this.#queue.answered;
    if (entry === undefined) throw unasked(message);
    if (this.#queue.followedBy("sent", "abandoned")) {
      throw new ProtocolError(
        `${COPY_REFUSED}; other queries were in flight behind it, so the connection had to be given up`,
      );
    }
    const writer = this.#more();
    copyFail(writer, COPY_REFUSED);
    if (entry.request.extended) sync(writer);
  }

  #giveUp(entry: Entry, reason: unknown): void {
    if (entry.stage === "held") {
      this.#queue.remove(entry);
      this.#over(entry, reason);
    } else if (entry.stage === "sent") {
      entry.stage = "abandoned";
      entry.deadline?.clear();
      if (this.#queue.head === entry) this.#rows = DROPPED;
      entry.sink.abandon(reason);
      if (entry.copy === "in") this.#failCopy(entry);
      else this.#tryCancel();
      this.#resume(entry);
    }
  }

  /** A server that waits for data does not hear a CancelRequest. */
  #failCopy(entry: Entry): void {
    this.#endCopy(entry, (writer) => copyFail(writer, COPY_GIVEN_UP));
    entry.deadline = this.#deadlines.guard(this.#cancelTimeout, undefined, () =>
      this.#abort("a COPY that was given up did not end in time"),
    );
  }

  /**
   * Cancels the head if it has been given up and nobody waits for what is sent behind it: a cancellation hits whatever the
   * server is doing when it arrives, so that one with others behind it has to run its course.
   */
  #tryCancel(): void {
    const entry = this.#queue.head;
    if (entry?.stage !== "abandoned" || this.#cancellation.pending !== undefined || this.#gone !== undefined) return;
    if (this.#queue.followedBy("sent")) return;
    this.#cancellation.begin(entry);
  }

  #sendHeld(): void {
    // The next one may have been given up as well.
    this.#tryCancel();
    if (this.#cancellation.pending !== undefined || this.#gone !== undefined) return;
    for (const entry of this.#queue.takeAll()) {
      if (entry.stage !== "held" || this.#streaming !== undefined || this.#send(entry)) this.#queue.push(entry);
    }
    this.#rows = rowsOf(this.#queue.head);
  }

  #abort(why: string, cause?: unknown): void {
    const error = new ClosedError(`the connection was given up: ${why}`, { code: "CLOSED", outcome: "unknown", cause });
    this.end(error);
    this.#line.abort(error);
  }

  #over(entry: Entry, error?: unknown): void {
    entry.stage = "over";
    entry.deadline?.clear();
    entry.sink.end(error);
  }
}

function newEntry(request: Request, sink: ReplySink, stream: StreamSink | undefined): Entry {
  const { syncs } = request;
  return { request, sink, stream, copy: "none", stage: "held", due: syncs, batch: 0, deadline: undefined };
}

const DROPPED: Pick<ReplySink, "row"> = { row: () => {} };
const NOBODY: Pick<ReplySink, "row"> = {
  row: () => {
    throw new ProtocolError("the server sent a row without having been asked anything");
  },
};

function rowsOf(entry: Entry | undefined): Pick<ReplySink, "row"> {
  if (entry === undefined || entry.stage === "held") return NOBODY;
  return entry.stage === "sent" ? entry.sink : DROPPED;
}
