// A connection in the object: frames in, raw reply bytes out, one flight after the other. Follows the transaction status and
// what a statement left behind in the session; decodes no value.

import { ByteWriter } from "@landline/core/bytes";
import { ProtocolError, type Transport } from "@landline/core";
import {
  BACKEND,
  logIn,
  query,
  sendCancel,
  terminate,
  type Login,
  type Settings,
  type TransactionStatus,
} from "@landline/postgres/wire";
import { Flight, type FlightInit, type Landing, type ReplyOutlet } from "./flight.ts";
import { FrameWalker, type FrameSink } from "./frames.ts";
import { NotificationTap, type Notified } from "./notifications.ts";
import {
  closed,
  closedByServer,
  goneBefore,
  leftOpen,
  lostUnder,
  noCopyWithoutStream,
  noListen,
  noReplication,
  replyTooLarge,
} from "./refusals.ts";
import { BackendStatements } from "./statements.ts";

const STATUSES = new Map<number, TransactionStatus>([
  [0x49, "I"],
  [0x54, "T"],
  [0x45, "E"],
]);
/** Commands after which a session may not be what it was. Tags begin with them; those in a function's body do not show. */
const LEAVES_TRACES = /^(?:SET|PREPARE|DECLARE|LOAD|CREATE|DISCARD|RESET)\b/;
const LISTENS = /^LISTEN\b/;
/** Commands after which there are no prepared statements, ours included. */
const UNPREPARES = /^(?:DISCARD|DEALLOCATE)\b/;
/** `feature_not_supported`, which a plan whose columns have changed ends with, and `invalid_sql_statement_name`. */
const STALE: ReadonlySet<string> = new Set(["0A000", "26000"]);
const CODE = 0x43; // 'C'
const DEFAULT_MAX_STATEMENTS = 100;
const decoder = new TextDecoder();

/** What a backend needs besides a login. */
export interface BackendLimits {
  /** The most bytes that one flight may be answered with. */
  readonly maxReplyBytes: number;
  /** How many statements are kept prepared; 0 for none. Default 100. */
  readonly maxStatements?: number | undefined;
}

/** One live connection. */
export class Backend implements FrameSink {
  /** As the last ReadyForQuery told. */
  status: TransactionStatus = "I";
  /** A statement may have left something in the session, which the next borrower must not find. */
  dirty = false;
  alive = true;
  /** Called once, when the connection has gone. */
  onEnd: (() => void) | undefined;
  /** What the server told of itself at the login. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly statements: BackendStatements;
  #tap: NotificationTap | undefined;
  readonly #transport: Transport;
  readonly #limits: BackendLimits;
  readonly #cancel: (() => Promise<void>) | undefined;
  readonly #walker = new FrameWalker();
  #flights: Flight[] = [];
  /** The chunk that is being walked, and how much of it is disposed of. */
  #chunk: Uint8Array = new Uint8Array(0);
  #from = 0;

  constructor({ transport, greeting, settings }: Login, limits: BackendLimits) {
    const { processId, secretKey, decoder: started } = greeting;
    this.parameters = greeting.parameters;
    if (started.midFrame)
      throw new ProtocolError("the server broke off inside a message after the login", { outcome: "unsent" });
    const { secure } = transport.info;
    this.#transport = transport;
    this.#limits = limits;
    this.statements = new BackendStatements(limits.maxStatements ?? DEFAULT_MAX_STATEMENTS);
    this.#cancel = secretKey === undefined ? undefined : () => sendCancel(settings, secure, processId ?? 0, secretKey);
    transport.receive({
      data: (chunk) => this.#data(chunk),
      end: () => {
        this.#lost(closedByServer());
        void transport.close();
      },
      error: (cause) => this.#lost(cause),
    });
  }

  /** Dials and logs in. @throws what `logIn` throws. */
  static async open(settings: Settings, limits: BackendLimits, signal: AbortSignal): Promise<Backend> {
    const login = await logIn(settings, signal);
    try {
      return new Backend(login, limits);
    } catch (error) {
      login.transport.abort(error);
      throw error;
    }
  }

  /** Whether everything sent has been answered. */
  get idle(): boolean {
    return this.#flights.length === 0;
  }

  /** Whether a query can be asked to stop. */
  get cancellable(): boolean {
    return this.#cancel !== undefined;
  }

  /** Sends frames. Never rejects. */
  send(frames: Uint8Array, init: FlightInit): Promise<Landing> {
    const flight = new Flight(init);
    if (this.alive) this.#send(flight, frames);
    else flight.drop(goneBefore());
    return flight.landed;
  }

  #send(flight: Flight, frames: Uint8Array): void {
    this.#flights.push(flight);
    if (flight.outlet !== undefined || !this.statements.concerns(frames)) {
      this.#transport.write(frames);
      return;
    }
    const prepared = this.statements.prepare(frames, this.#transport.writer);
    flight.prepared = prepared;
    // One Sync is one transaction: what fails there has left nothing, and may be done again.
    if (prepared.reused.length > 0 && flight.due === 1 && !flight.held) flight.original = frames;
  }

  /** Begins a flight whose end is not known yet: {@link pass} sends, {@link land} says that there is no more to come. */
  open(outlet: ReplyOutlet): Promise<Landing> {
    const flight = new Flight({ due: Infinity, held: true, outlet });
    if (this.alive) this.#flights.push(flight);
    else flight.drop(goneBefore());
    return flight.landed;
  }

  /** Frames of the open flight. */
  pass(frames: Uint8Array): void {
    if (this.alive) this.#transport.write(frames);
  }

  /** The open flight ends once `due` ReadyForQuery more have come. */
  land(due: number): void {
    const flight = this.#flights[0];
    if (flight === undefined) return;
    flight.due = due;
    if (due > 0) return;
    this.#flights.shift();
    if (flight.behind) this.#transport.resume();
    flight.finish();
  }

  /** Waits until most of what was written has left. */
  drained(): Promise<void> {
    return this.#transport.drained();
  }

  /** Sends on with what a COPY has been begun with; what comes too late for that is dropped. Resolves when there is room. */
  async sendOn(frames: Uint8Array, last: boolean): Promise<void> {
    const flight = this.#flights[0];
    if (!this.alive || flight?.outlet === undefined) return;
    if (last) flight.asking = false;
    this.#transport.write(frames);
    await this.#transport.drained();
  }

  /** Whether the server waits for data of a COPY. */
  get asking(): boolean {
    return this.#flights[0]?.asking === true;
  }

  /** The reader of a stream has room again. */
  resume(): void {
    const flight = this.#flights[0];
    if (flight?.behind !== true) return;
    flight.behind = false;
    this.#transport.resume();
  }

  /** Nobody waits for what is in flight any more. */
  forsake(): void {
    for (const flight of this.#flights) flight.forsaken = true;
    this.resume();
  }

  /** Tells of notifications from now on; without this, LISTEN is refused. */
  listen(notified: Notified | undefined): void {
    this.#tap = notified === undefined ? undefined : new NotificationTap(notified);
  }

  /** Sends a statement of our own by the simple protocol. */
  command(text: string): Promise<Landing> {
    const writer = new ByteWriter(64);
    query(writer, text);
    return this.send(writer.take(), { due: 1, held: false });
  }

  /** Asks the server to stop. Resolves when that cannot strike later; rejects when this is not certain. */
  cancel(): Promise<void> {
    return this.#cancel?.() ?? Promise.reject(new Error("the server gave no key to cancel with"));
  }

  /** Says goodbye and closes. Always settles. */
  async close(): Promise<void> {
    if (this.alive && this.idle) terminate(this.#transport.writer);
    this.#lost(closed());
    await this.#transport.close();
  }

  /** Gives up at once; the server rolls back. */
  abort(reason: unknown): void {
    this.#lost(reason);
    this.#transport.abort(reason);
  }

  /** @internal For the walker. */
  begin(at: number): void {
    this.#flights[0]?.mark(at - this.#from);
    this.#tap?.begin(at);
  }

  /** @internal For the walker. */
  end(type: number, bytes: Uint8Array, start: number, length: number, at: number): void {
    if (!this.alive) return;
    switch (type) {
      case BACKEND.readyForQuery:
        this.#ready(STATUSES.get(bytes[start] as number), at);
        break;
      case BACKEND.commandComplete:
        this.#complete(decoder.decode(bytes.subarray(start, start + length)), at);
        break;
      case BACKEND.errorResponse:
        this.#failed(bytes, start, start + length);
        break;
      case BACKEND.notificationResponse:
        this.#tap?.end(this.#chunk, at);
        break;
      case BACKEND.copyInResponse:
        this.#copyIn(at);
        break;
      case BACKEND.copyBothResponse:
        this.#refuse(at, noReplication());
    }
    // What comes next may never come whole.
    this.#flights[0]?.mark(at - this.#from);
  }

  #data(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#from = 0;
    this.#walker.push(chunk, this);
    this.#keep(chunk.length);
    this.#tap?.keep(chunk);
    if (this.#flights[0]?.behind === true) this.#transport.pause();
  }

  /** What has been walked belongs to the flight at the head; without one it is a notice, or the last words of a server. */
  #keep(to: number): void {
    const flight = this.#flights[0];
    if (flight !== undefined) {
      flight.add(this.#chunk, this.#from, to);
      if (flight.length > this.#limits.maxReplyBytes) this.#tooLarge(flight);
    }
    this.#from = to;
  }

  #ready(status: TransactionStatus | undefined, at: number): void {
    const flight = this.#flights[0];
    if (flight === undefined || status === undefined)
      throw new ProtocolError("the server reported to be ready out of turn");
    this.status = status;
    if (status !== "I" && !flight.held) return this.#refuse(at, leftOpen());
    if (--flight.due > 0) return;
    this.#keep(at);
    if (this.#flights[0] !== flight) return;
    this.#flights.shift();
    if (flight.behind) this.#transport.resume();
    if (!this.#doneAgain(flight)) flight.finish();
  }

  /** What a prepared statement has failed for is done again without it, where nothing can have come of it. */
  #doneAgain(flight: Flight): boolean {
    const { prepared, original, failed, stale } = flight;
    if (prepared === undefined) return false;
    this.statements.landed(prepared, failed);
    if (!stale) return false;
    for (const statement of prepared.reused) this.statements.discard(statement);
    if (original === undefined || this.status !== "I" || this.#flights.length > 0) return false;
    flight.again();
    this.#flights.push(flight);
    this.#transport.write(original);
    return true;
  }

  #failed(bytes: Uint8Array, start: number, end: number): void {
    const flight = this.#flights[0];
    if (flight === undefined) return;
    flight.failed = true;
    flight.asking = false;
    // Fields: a letter and a text that ends in NUL.
    for (let at = start; at < end; at = bytes.indexOf(0, at) + 1) {
      if (bytes[at] === CODE) {
        flight.stale = STALE.has(decoder.decode(bytes.subarray(at + 1, at + 6)));
        return;
      }
      if (bytes.indexOf(0, at) < 0) return;
    }
  }

  #copyIn(at: number): void {
    const flight = this.#flights[0];
    if (flight?.outlet === undefined) this.#refuse(at, noCopyWithoutStream());
    else flight.asking = true;
  }

  #complete(tag: string, at: number): void {
    if (LEAVES_TRACES.test(tag)) this.dirty = true;
    if (UNPREPARES.test(tag)) this.statements.clear();
    if (LISTENS.test(tag) && this.#tap === undefined) this.#refuse(at, noListen());
  }

  /** Ends the flight at the head before the frame that has just ended, and the connection with it. */
  #refuse(at: number, error: unknown): void {
    const flight = this.#flights[0];
    if (flight === undefined) throw new ProtocolError("the server answered what nobody had asked");
    flight.add(this.#chunk, this.#from, at);
    this.#flights.shift();
    flight.cut(error);
    this.abort(error);
  }

  #tooLarge(flight: Flight): void {
    const error = replyTooLarge(this.#limits.maxReplyBytes);
    this.#flights.shift();
    flight.drop(error);
    this.abort(error);
  }

  #lost(cause: unknown): void {
    if (!this.alive) return;
    this.alive = false;
    const flights = this.#flights;
    this.#flights = [];
    for (const flight of flights) flight.cut(lostUnder(cause));
    this.onEnd?.();
  }
}
