// A session of Postgres over RPC: a Conversation whose line is a buffer. What is written in a tick leaves as one call, and the
// bytes that come back are what the server said. A COPY goes by a stream one way, and by calls the other.

import { ClosedError } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import {
  BackendDecoder,
  Conversation,
  type Flow,
  type Line,
  type Request,
  type StreamExchange,
  type StreamSink,
} from "@landline/postgres/wire";
import { reviveError, type ErrorData } from "../error-data.ts";
import { Inlet } from "../inlet.ts";
import { postgresErrors } from "./errors.ts";
import type { Reply, StreamReply } from "./rpc.ts";

/** What carries frames to a backend. */
export interface Courier {
  /** @throws a LandlineError when there is no reply. */
  send(frames: Uint8Array): Promise<Reply>;
  /** Asks for what is in flight to be stopped. Resolves when that cannot strike later; rejects when this is not certain. */
  cancel(): Promise<void>;
  /** Nobody waits for what is in flight any more. */
  giveUp(): void;
  /** For COPY, where that is possible. */
  readonly streams?: StreamCourier | undefined;
}

/** What carries a COPY. All of these throw a LandlineError when there is no answer. */
interface StreamCourier {
  stream(frames: Uint8Array): Promise<StreamReply>;
  write(frames: Uint8Array): Promise<ErrorData | undefined>;
  fate(): Promise<ErrorData | undefined>;
}

const INITIAL_BYTES = 512;
const SETTLED = Promise.resolve();
/** What may be on its way to the object before a writer has to wait. */
const MAX_UNANSWERED_BYTES = 512 * 1024;

/** A conversation over a courier. */
export function converseBy(courier: Courier): Conversation {
  const line = new RemoteLine(courier);
  const conversation: Conversation = new RemoteConversation(line);
  line.conversation = conversation;
  return conversation;
}

class RemoteConversation extends Conversation {
  readonly #line: RemoteLine;

  constructor(line: RemoteLine) {
    super(line, {
      decoder: new BackendDecoder(),
      parameters: new Map(),
      processId: undefined,
      // The object keeps them, for each backend.
      statements: undefined,
    });
    this.#line = line;
  }

  /** The line has to know which frames begin a stream, and where it ends. */
  override stream(request: Request, sink: StreamSink): StreamExchange {
    const line = this.#line;
    let begun = false;
    return super.stream(
      {
        syncs: request.syncs,
        extended: request.extended,
        signal: request.signal,
        timeout: request.timeout,
        silence: request.silence,
        write: (writer, session) => {
          line.beginStream();
          begun = true;
          request.write(writer, session);
        },
      },
      {
        copiesIn: sink.copiesIn,
        row: (bytes, start, end) => sink.row(bytes, start, end),
        message: (message) => sink.message(message),
        copyData: (bytes, start, end) => sink.copyData(bytes, start, end),
        abandon: (reason) => sink.abandon(reason),
        end: (error) => {
          if (begun) line.endStream();
          sink.end(error);
        },
      },
    );
  }
}

interface Stream {
  /** Its first frames are on their way. */
  begun: boolean;
  inlet: Inlet | undefined;
  paused: boolean;
}

class RemoteLine implements Line {
  conversation!: Conversation;
  readonly flow: Flow | undefined;
  readonly #courier: Courier;
  #writer = new ByteWriter(INITIAL_BYTES);
  #scheduled = false;
  #stream: Stream | undefined;
  #unanswered = 0;
  #drains: (() => void)[] = [];

  constructor(courier: Courier) {
    this.#courier = courier;
    if (courier.streams === undefined) return;
    this.flow = {
      pause: () => this.#pause(true),
      resume: () => this.#pause(false),
      drained: () =>
        this.#unanswered < MAX_UNANSWERED_BYTES
          ? Promise.resolve()
          : new Promise((resolve) => this.#drains.push(resolve)),
    };
  }

  get writer(): ByteWriter {
    if (!this.#scheduled) {
      this.#scheduled = true;
      // A microtask in a microtask: whoever continues in this tick is still in time. By promises, because workerd's
      // queueMicrotask() goes through the host.
      void SETTLED.then(this.#soon);
    }
    return this.#writer;
  }

  cancel = (): Promise<void> => {
    // What is to be cancelled has to be on its way before the cancellation.
    this.#flush();
    return this.#courier.cancel();
  };

  abort(reason: unknown): void {
    this.#stream?.inlet?.cancel(reason);
    this.#drain();
    this.#courier.giveUp();
  }

  beginStream(): void {
    this.#flush();
    this.#stream = { begun: false, inlet: undefined, paused: false };
  }

  endStream(): void {
    this.#stream = undefined;
    this.#drain();
  }

  #soon = (): void => void SETTLED.then(this.#flush);

  #flush = (): void => {
    this.#scheduled = false;
    const writer = this.#writer;
    if (writer.length === 0 || !this.conversation.alive) return;
    // A copy of the exact size: serialising a view sends all that lies behind it.
    const frames = writer.buffer.slice(0, writer.length);
    writer.rewind(0);
    const stream = this.#stream;
    if (stream === undefined) void this.#deliver(this.#courier.send(frames));
    else if (stream.begun) void this.#sendOn(frames);
    else void this.#begin(frames);
  };

  /** Never rejects: the conversation tells everybody. */
  async #deliver(sent: Promise<Reply>): Promise<void> {
    let reply: Reply;
    try {
      reply = await sent;
    } catch (error) {
      return this.conversation.fail(error);
    }
    try {
      if (reply.bytes.length > 0) this.conversation.data(reply.bytes);
    } catch (error) {
      return this.conversation.end(error);
    }
    if (reply.error !== undefined) this.conversation.fail(reviveError(reply.error, postgresErrors));
  }

  async #begin(frames: Uint8Array): Promise<void> {
    const stream = this.#stream as Stream;
    const { streams } = this.#courier;
    stream.begun = true;
    try {
      const { readable, error } = await (streams as StreamCourier).stream(frames);
      if (error !== undefined || readable === undefined)
        return this.conversation.fail(reviveError(error as ErrorData, postgresErrors));
      stream.inlet = new Inlet(readable, {
        data: (chunk) => {
          try {
            this.conversation.data(chunk);
          } catch (error) {
            this.conversation.end(error);
            throw error;
          }
        },
        over: (failure) => {
          if (this.#stream === stream) void this.#broke(failure?.error);
        },
      });
      if (stream.paused) stream.inlet.pause();
    } catch (error) {
      this.conversation.fail(error);
    }
  }

  async #sendOn(frames: Uint8Array): Promise<void> {
    this.#unanswered += frames.length;
    try {
      const error = await this.#courier.streams?.write(frames);
      if (error !== undefined) this.conversation.fail(reviveError(error, postgresErrors));
    } catch (error) {
      this.conversation.fail(error);
    } finally {
      this.#unanswered -= frames.length;
      if (this.#unanswered < MAX_UNANSWERED_BYTES) this.#drain();
    }
  }

  /** The stream has ended before its last ReadyForQuery. */
  async #broke(cause: unknown): Promise<void> {
    const lost = new ClosedError("the stream from the pool object broke off", {
      code: "CONNECTION_LOST",
      outcome: "unknown",
      cause,
    });
    try {
      const fate = await this.#courier.streams?.fate();
      this.conversation.fail(fate === undefined ? lost : reviveError(fate, postgresErrors));
    } catch {
      this.conversation.fail(lost);
    }
  }

  #pause(paused: boolean): void {
    if (this.#stream === undefined) return;
    this.#stream.paused = paused;
    if (paused) this.#stream.inlet?.pause();
    else this.#stream.inlet?.resume();
  }

  #drain(): void {
    for (const resolve of this.#drains.splice(0)) resolve();
  }
}
