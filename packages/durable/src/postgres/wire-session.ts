// An unmodified driver at the other end of a socket: to it, the pool is a PgBouncer in transaction mode. A backend is borrowed
// when something is sent, and goes back with the ReadyForQuery that ends the transaction. Who has the binding may come in: the
// pool's own credentials are not his, and his are not looked at.

import { isLandlineError, type Deadline, type Transport } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { BACKEND, FRONTEND } from "@landline/postgres/wire";
import type { Backends } from "./backends.ts";
import type { Prepared } from "./statements.ts";
import type { Tenure } from "./tenure.ts";
import {
  BODY_AT,
  ClientFrames,
  CLOSE_COMPLETE,
  cstringAt,
  fatal,
  PARSE_COMPLETE,
  renamed,
  welcome,
} from "./wire-frames.ts";
import { WireReplies, type Expected } from "./wire-replies.ts";

/** The sessions of an object, by the number that a driver cancels by. */
export type WireSessions = Map<number, WireSession>;

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const DECLINED = Uint8Array.of(0x4e); // 'N'
const STATEMENT = 0x53; // 'S'
const FLUSH = 0x48; // 'H'
/** What may wait for a driver that does not read before its backend is paused. */
const MAX_BACKLOG = 256 * 1024;
/** A number that the server could not have given: they are at most 2^22. */
const FIRST_ID = 0x4000_0000;

const DONE = [BACKEND.commandComplete, BACKEND.emptyQueryResponse, BACKEND.portalSuspended];
/** What answers each message of a driver. */
const ANSWERS: ReadonlyMap<number, Expected> = new Map<number, Expected>([
  [FRONTEND.parse, { kind: "answered", by: [BACKEND.parseComplete] }],
  [FRONTEND.bind, { kind: "answered", by: [BACKEND.bindComplete] }],
  [FRONTEND.describe, { kind: "answered", by: [BACKEND.rowDescription, BACKEND.noData] }],
  [FRONTEND.execute, { kind: "answered", by: DONE }],
  [FRONTEND.close, { kind: "answered", by: [BACKEND.closeComplete] }],
  [FRONTEND.sync, { kind: "sync" }],
  [FRONTEND.query, { kind: "sync" }],
]);
const PASSED = new Set<number>([FLUSH, FRONTEND.copyData, FRONTEND.copyDone, FRONTEND.copyFail]);

/** One driver. */
export class WireSession {
  readonly #transport: Transport;
  readonly #backends: Backends;
  readonly #sessions: WireSessions;
  readonly #frames = new ClientFrames();
  /** What the driver has prepared, by its own names: the content of Parse behind the name. */
  readonly #statements = new Map<string, Uint8Array>();
  readonly #id: number;
  readonly #secret = crypto.getRandomValues(new Uint8Array(4));
  #state: "startup" | "ready" | "over" = "startup";
  #tenure: Tenure | undefined;
  #replies: WireReplies | undefined;
  /** Statements that were prepared in this loan and have not been confirmed yet. */
  #fresh: Prepared[] = [];
  /** Something was sent that no Sync has followed yet. */
  #unsynced = false;
  #life: Deadline | undefined;
  #silence: Deadline | undefined;
  #working = false;
  #ended!: () => void;
  /** Resolves when the driver is gone. */
  readonly closed: Promise<void> = new Promise((resolve) => (this.#ended = resolve));

  constructor(transport: Transport, backends: Backends, sessions: WireSessions) {
    this.#transport = transport;
    this.#backends = backends;
    this.#sessions = sessions;
    let id: number;
    do id = FIRST_ID + ((crypto.getRandomValues(new Uint32Array(1))[0] as number) % 0x3fff_ffff);
    while (sessions.has(id));
    this.#id = id;
    sessions.set(id, this);
    transport.receive({
      data: (chunk) => {
        this.#frames.push(chunk);
        void this.#work();
      },
      end: () => this.#end(),
      error: () => this.#end(),
    });
  }

  /** Takes the frames that have come, one after the other. Never rejects. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      for (;;) {
        if (this.#state === "over") return;
        const frame = this.#frames.next();
        if (frame === undefined) break;
        // oxlint-disable-next-line no-await-in-loop -- in their order
        await (this.#state === "startup" ? this.#start(frame) : this.#take(frame));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#working = false;
    }
  }

  async #start(packet: Uint8Array): Promise<void> {
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const code = packet.length >= 8 ? view.getInt32(4) : 0;
    if (code === SSL_REQUEST || code === GSS_REQUEST) return this.#transport.write(DECLINED);
    if (code === CANCEL_REQUEST) {
      const target = packet.length >= 16 ? this.#sessions.get(view.getInt32(8)) : undefined;
      await target?.cancel(packet.subarray(12));
      return this.#end();
    }
    if (code !== PROTOCOL_3) return this.#refuse("08P01", "the pool speaks version 3.0 of the protocol");
    // What the server is, only a backend knows.
    const parameters = await this.#backends.parameters();
    this.#frames.started();
    this.#state = "ready";
    this.#transport.write(welcome(parameters, this.#id, this.#secret));
  }

  /** Cancels what runs, for who knows the secret. */
  async cancel(secret: Uint8Array): Promise<void> {
    if (secret.length !== this.#secret.length || !secret.every((byte, index) => byte === this.#secret[index])) return;
    await this.#tenure?.cancel().catch(() => {});
  }

  async #take(frame: Uint8Array): Promise<void> {
    const type = frame[0] as number;
    if (type === FRONTEND.terminate) return this.#end();
    if (!ANSWERS.has(type) && !PASSED.has(type))
      return this.#refuse("08P01", `a message of type 0x${type.toString(16)} does not go through the pool`);
    const tenure = this.#tenure ?? (await this.#borrow());
    if (tenure === undefined) return;
    this.#silence?.clear();
    this.#send(frame, type, tenure);
    this.#unsynced = type !== FRONTEND.sync && type !== FRONTEND.query;
    if (type === FRONTEND.copyData) await tenure.backend.drained();
  }

  async #borrow(): Promise<Tenure | undefined> {
    const { settings, deadlines } = this.#backends;
    const tenure = await this.#backends.acquire(undefined);
    if (this.#state === "over") {
      tenure.finish();
      return undefined;
    }
    this.#tenure = tenure;
    this.#replies = new WireReplies({
      write: (bytes) => {
        this.#transport.write(bytes);
        if (this.#transport.backlog < MAX_BACKLOG) return true;
        void this.#transport.drained().then(() => tenure.resume());
        return false;
      },
      ready: (left) => this.#ready(left),
    });
    tenure.open(this.#replies);
    tenure.watch(() => this.#refuse("57P01", "the connection to the database was lost"));
    this.#life = deadlines.guard(settings.leaseTimeout, undefined, () =>
      this.#refuse(
        "25P04",
        `a transaction took over ${settings.leaseTimeout} ms, which is the most that the pool allows`,
      ),
    );
    return tenure;
  }

  /** A backend is ready: it goes back when nothing more is under way and no transaction is open. */
  #ready(left: number): void {
    const tenure = this.#tenure;
    if (tenure === undefined || left > 0) return;
    for (const statement of this.#fresh.splice(0)) statement.confirmed = true;
    const { settings, deadlines } = this.#backends;
    if (tenure.backend.status !== "I" || this.#unsynced) {
      this.#silence?.clear();
      this.#silence = deadlines.guard(settings.leaseIdleTimeout, undefined, () =>
        this.#refuse("25P03", `a transaction was silent for over ${settings.leaseIdleTimeout} ms`),
      );
      return;
    }
    // The flight cannot end inside of its own reply.
    queueMicrotask(() => {
      if (this.#tenure !== tenure || this.#unsynced || (this.#replies?.syncs ?? 0) > 0) return;
      this.#tenure = undefined;
      this.#replies = undefined;
      this.#life?.clear();
      this.#silence?.clear();
      tenure.backend.land(0);
      queueMicrotask(() => tenure.finish());
    });
  }

  #send(frame: Uint8Array, type: number, tenure: Tenure): void {
    const replies = this.#replies as WireReplies;
    const { backend } = tenure;
    const named = this.#nameIn(frame, type);
    if (named === undefined || named.text === "") {
      const answer = ANSWERS.get(type);
      if (answer !== undefined) replies.expect(answer);
      return backend.pass(frame.slice());
    }
    const { text: name, range } = named;
    const writer = new ByteWriter(frame.length + 64);
    if (type === FRONTEND.parse) {
      const content = frame.slice(range[1]);
      this.#statements.set(name, content);
      const made = backend.statements.named(writer, content);
      // Not one to be kept: each Bind prepares it anew.
      if (made === undefined || !made.wrote) replies.expect({ kind: "left out", answer: PARSE_COMPLETE });
      else {
        this.#fresh.push(made.statement);
        replies.expect({ kind: "answered", by: [BACKEND.parseComplete] });
      }
    } else if (type === FRONTEND.close) {
      this.#statements.delete(name);
      replies.expect({ kind: "left out", answer: CLOSE_COMPLETE });
    } else {
      const content = this.#statements.get(name);
      const made = content === undefined ? undefined : backend.statements.named(writer, content);
      if (made?.wrote === true) {
        this.#fresh.push(made.statement);
        replies.expect({ kind: "inserted", by: [BACKEND.parseComplete] });
      } else if (content !== undefined && made === undefined) {
        unnamed(writer, content);
        replies.expect({ kind: "inserted", by: [BACKEND.parseComplete] });
      }
      replies.expect(ANSWERS.get(type) as Expected);
      renamed(writer, frame, range, made?.statement.name ?? (content === undefined ? name : ""));
    }
    if (writer.length > 0) backend.pass(writer.take());
  }

  /** The name of a statement in a frame, and where it stands. */
  #nameIn(frame: Uint8Array, type: number): { text: string; range: readonly [number, number] } | undefined {
    if (type === FRONTEND.parse) return nameAt(frame, BODY_AT);
    if (type === FRONTEND.bind) return nameAt(frame, cstringAt(frame, BODY_AT).next);
    const ofStatement = (type === FRONTEND.describe || type === FRONTEND.close) && frame[BODY_AT] === STATEMENT;
    return ofStatement ? nameAt(frame, BODY_AT + 1) : undefined;
  }

  #fail(error: unknown): void {
    const why = isLandlineError(error) ? error.message : "the pool failed; its log says more";
    if (!isLandlineError(error)) console.error("a driver's session failed", error);
    this.#refuse(isLandlineError(error) && error.name === "PoolError" ? "53300" : "08006", why);
  }

  #refuse(code: string, why: string): void {
    if (this.#state === "over") return;
    this.#transport.write(fatal(code, why));
    this.#end();
  }

  /** The driver is gone, or has to go. What it has begun is rolled back. */
  #end(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#sessions.delete(this.#id);
    this.#life?.clear();
    this.#silence?.clear();
    const tenure = this.#tenure;
    if (tenure !== undefined) {
      const { backend } = tenure;
      for (const statement of this.#fresh) backend.statements.discard(statement);
      const due = (this.#replies?.syncs ?? 0) + (this.#unsynced ? 1 : 0);
      if (this.#unsynced) backend.pass(SYNC);
      backend.land(due);
      queueMicrotask(() => tenure.finish());
    }
    void this.#transport.close().then(() => this.#ended());
  }
}

const SYNC = Uint8Array.of(FRONTEND.sync, 0, 0, 0, 4);

function nameAt(frame: Uint8Array, at: number): { text: string; range: readonly [number, number] } {
  const { text, next } = cstringAt(frame, at);
  return { text, range: [at, next] };
}

/** Parse of the unnamed statement. */
function unnamed(writer: ByteWriter, content: Uint8Array): void {
  const start = writer.length;
  writer.u8(FRONTEND.parse);
  writer.i32(0);
  writer.u8(0);
  writer.bytes(content);
  writer.setI32(start + 1, writer.length - start - 1);
}
