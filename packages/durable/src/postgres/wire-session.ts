// An unmodified driver at the other end of a socket: to it, the pool is a PgBouncer in transaction mode. A backend is borrowed
// when something is sent, and goes back with the ReadyForQuery that ends the transaction. Who has the binding may come in: the
// pool's own credentials are not his, and his are not looked at.

import { isLandlineError, type Deadline, type LandlineError, type Outcome, type Transport } from "@landline/core";
import { FRONTEND } from "@landline/postgres/wire";
import { durableError, type DurableError } from "../durable-error.ts";
import type { Backends } from "./backends.ts";
import type { Tenure } from "./tenure.ts";
import { ClientFrames, errorResponse, onlyVersion3, READY, startupParameters, welcome } from "./wire-frames.ts";
import { ANSWERS, WireReplies } from "./wire-replies.ts";
import { unsettable } from "./wire-startup.ts";
import { DriverStatements } from "./wire-statements.ts";

/** The sessions of an object, by the number that a driver cancels by. */
export type WireSessions = Map<number, WireSession>;

const MAJOR_3 = 3;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const DECLINED = Uint8Array.of(0x4e); // 'N'
const SYNC = Uint8Array.of(FRONTEND.sync, 0, 0, 0, 4);
const COPY_FAIL = Uint8Array.of(FRONTEND.copyFail, 0, 0, 0, 5, 0);
/** What may wait for a driver that does not read before its backend is paused. */
const MAX_BACKLOG = 256 * 1024;
/** What a driver may send ahead while its frames wait for a backend. */
const MAX_AHEAD = 256 * 1024;
/** A number that the server could not have given: they are at most 2^22. */
const FIRST_ID = 0x4000_0000;

/** They belong to a COPY, and no Sync follows them. */
const COPIES = new Set<number>([FRONTEND.copyData, FRONTEND.copyDone, FRONTEND.copyFail]);
/** The SQLSTATE that drivers know for errors of ours. */
const CODES: Readonly<Record<string, string>> = {
  PoolError: "53300",
  DurableError: "0A000",
  ClosedError: "57P01",
  ProtocolError: "08P01",
};

/** One driver. */
export class WireSession {
  readonly #transport: Transport;
  readonly #backends: Backends;
  readonly #sessions: WireSessions;
  readonly #frames = new ClientFrames();
  readonly #statements = new DriverStatements();
  readonly #id: number;
  readonly #secret = crypto.getRandomValues(new Uint8Array(4));
  /** Leaves the queue for a backend when the driver goes. */
  readonly #gone = new AbortController();
  #state: "startup" | "ready" | "over" = "startup";
  #tenure: Tenure | undefined;
  #replies: WireReplies | undefined;
  /** Something was sent that no Sync has followed yet. */
  #unsynced = false;
  #inTransaction = false;
  /** It has been told of an error, and everything until its next Sync is ignored. */
  #skipping = false;
  #expired = false;
  /** The most that a loan may take, and how long the driver may be silent in it. */
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
    const { connectTimeout } = backends.settings.postgres;
    this.#limit(connectTimeout, "08P01", `no start-up packet came within ${connectTimeout} ms`);
    transport.receive({
      data: (chunk) => {
        this.#frames.push(chunk);
        if (this.#working && this.#frames.length > MAX_AHEAD) transport.pause();
        void this.#work();
      },
      end: () => this.#end(),
      error: () => this.#end(),
    });
  }

  /** Cancels what runs, for who knows the secret. */
  async cancel(secret: Uint8Array): Promise<void> {
    if (secret.length !== this.#secret.length || !secret.every((byte, index) => byte === this.#secret[index])) return;
    await this.#tenure?.cancel().catch(() => {});
  }

  /** Takes the frames that have come, one after the other. Never rejects. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#state !== "over") {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        if (this.#state === "startup") {
          // oxlint-disable-next-line no-await-in-loop -- in their order
          await this.#start(frame);
          continue;
        }
        const type = frame[0] as number;
        // oxlint-disable-next-line no-await-in-loop -- in their order
        if (this.#tenure === undefined && this.#goesOn(type)) await this.#borrow(type);
        // Without one, it is not for a backend, or the wait for that was in vain.
        if (this.#tenure !== undefined) this.#send(frame, type, this.#tenure);
        // oxlint-disable-next-line no-await-in-loop -- as far as there is room
        if (type === FRONTEND.copyData) await this.#tenure?.backend.drained();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#working = false;
      if (this.#state !== "over") this.#transport.resume();
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
    if (code >> 16 !== MAJOR_3) return this.#refuse("08P01", "the pool speaks version 3 of the protocol");
    const asked = startupParameters(packet);
    // What the server is, only a backend knows.
    const parameters = await this.#backends.parameters(this.#gone.signal);
    const name = unsettable(asked, parameters);
    if (name !== undefined) {
      return this.#refuse(
        "08P01",
        `the connections of the pool are shared, so that a driver cannot set "${name}" for itself at the start: set it in options() of the pool object, or by "set local" in a transaction`,
      );
    }
    if (this.#state === "over") return;
    this.#life?.clear();
    this.#frames.started();
    this.#state = "ready";
    const unknown = [...asked.keys()].filter((key) => key.startsWith("_pq_."));
    if (code !== MAJOR_3 << 16 || unknown.length > 0) this.#transport.write(onlyVersion3(unknown));
    this.#transport.write(welcome(parameters, this.#id, this.#secret));
  }

  /** Whether a backend is needed for a message of this type. */
  #goesOn(type: number): boolean {
    if (type === FRONTEND.terminate) this.#end();
    if (this.#skipping) {
      if (type !== FRONTEND.sync) return false;
      this.#skipping = false;
      this.#transport.write(READY);
      return false;
    }
    return type !== FRONTEND.terminate && type !== FRONTEND.flush && !COPIES.has(type);
  }

  /** For a message of this type. */
  async #borrow(type: number): Promise<void> {
    const { settings } = this.#backends;
    let tenure: Tenure;
    try {
      tenure = await this.#backends.acquire(this.#gone.signal);
    } catch (error) {
      return this.#decline(error, type !== FRONTEND.query && type !== FRONTEND.sync);
    }
    if (this.#state === "over") return tenure.finish();
    const replies = new WireReplies({
      write: (bytes) => {
        this.#transport.write(bytes);
        if (this.#transport.backlog < MAX_BACKLOG) return true;
        void this.#transport.drained().then(() => tenure.resume());
        return false;
      },
      ready: (left) => this.#ready(left),
      quiet: () => this.#listen(),
      copying: () => this.#limit(settings.streamTimeout, "57014", `a COPY took over ${settings.streamTimeout} ms`),
    });
    this.#tenure = tenure;
    this.#replies = replies;
    this.#statements.move(tenure.backend.statements, replies);
    const { runTimeout } = settings;
    this.#limit(runTimeout, "57014", `a query took over ${runTimeout} ms, which is the most that the pool allows one`);
    void tenure.open(replies).then(({ error }) => {
      if (error !== undefined && this.#tenure === tenure) this.#lost(error, tenure, replies.syncs);
    });
  }

  /** The backend has gone. Outside of a transaction, and with nothing else under way, the driver need not go as well. */
  #lost(error: unknown, tenure: Tenure, syncs: number): void {
    const unsynced = this.#unsynced;
    if (this.#inTransaction || syncs + Number(unsynced) > 1 || !isLandlineError(error) || error.name !== "DurableError")
      return this.#fail(error);
    this.#leave(tenure, 0);
    this.#decline(error, unsynced);
  }

  /** Says no, and goes on after the next Sync: `unsynced` tells whether that is still to come. */
  #decline(error: unknown, unsynced: boolean): void {
    if (this.#state === "over") return;
    if (!isLandlineError(error)) return this.#fail(error);
    this.#transport.write(errorResponse("ERROR", codeOf(error), error.message));
    this.#skipping = unsynced;
    if (!unsynced) this.#transport.write(READY);
  }

  #send(frame: Uint8Array, type: number, tenure: Tenure): void {
    if (type === FRONTEND.terminate) return this.#end();
    if (!ANSWERS.has(type) && !COPIES.has(type) && type !== FRONTEND.flush)
      return this.#refuse("08P01", `a message of type 0x${type.toString(16)} does not go through the pool`);
    this.#silence?.clear();
    const translated = this.#statements.translate(frame);
    if (ANSWERS.has(type)) this.#unsynced = type !== FRONTEND.sync && type !== FRONTEND.query;
    if (translated !== undefined) tenure.backend.pass(translated);
    if (tenure.asking && type === FRONTEND.copyData) this.#listen();
  }

  /** A backend is ready: it goes back when nothing more is under way and no transaction is open. */
  #ready(left: number): void {
    const tenure = this.#tenure;
    if (tenure === undefined || left > 0) return;
    if (tenure.backend.status !== "I" || this.#unsynced) {
      const { leaseTimeout } = this.#backends.settings;
      if (!this.#inTransaction)
        this.#limit(
          leaseTimeout,
          "25P04",
          `a transaction took over ${leaseTimeout} ms, which is the most that the pool allows`,
        );
      this.#inTransaction = true;
      return this.#listen();
    }
    // The flight cannot end inside of its own reply.
    queueMicrotask(() => {
      if (this.#tenure !== tenure || this.#unsynced || (this.#replies?.syncs ?? 0) > 0) return;
      this.#leave(tenure, 0);
    });
  }

  /** The backend goes back once `due` ReadyForQuery more have come. */
  #leave(tenure: Tenure, due: number): void {
    this.#replies?.close();
    this.#tenure = undefined;
    this.#replies = undefined;
    this.#inTransaction = false;
    this.#unsynced = false;
    this.#statements.move(undefined);
    this.#life?.clear();
    this.#silence?.clear();
    tenure.backend.land(due);
    const expired = this.#expired;
    queueMicrotask(() => (expired ? tenure.expire(gone) : tenure.finish()));
  }

  /** It is the driver's turn, and it has a backend that others wait for. */
  #listen(): void {
    if (this.#tenure === undefined || this.#state === "over") return;
    const { settings, deadlines } = this.#backends;
    this.#silence?.clear();
    this.#silence = deadlines.guard(settings.leaseIdleTimeout, undefined, () =>
      this.#expire("25P03", `the driver was silent for over ${settings.leaseIdleTimeout} ms within a transaction`),
    );
  }

  #limit(timeout: number, code: string, why: string): void {
    this.#life?.clear();
    this.#life = this.#backends.deadlines.guard(timeout, undefined, () => this.#expire(code, why));
  }

  #expire(code: string, why: string): void {
    this.#expired = true;
    this.#refuse(code, why);
  }

  #fail(error: unknown): void {
    if (!isLandlineError(error)) {
      console.error("a driver's session failed", error);
      return this.#refuse("XX000", "the pool failed; its log says more");
    }
    this.#refuse(codeOf(error), error.message);
  }

  #refuse(code: string, why: string): void {
    if (this.#state === "over") return;
    this.#transport.write(errorResponse("FATAL", code, why));
    this.#end();
  }

  /** The driver is gone, or has to go. What it has begun is rolled back. */
  #end(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#sessions.delete(this.#id);
    this.#gone.abort();
    this.#life?.clear();
    const tenure = this.#tenure;
    if (tenure !== undefined) {
      const due = (this.#replies?.syncs ?? 0) + (this.#unsynced ? 1 : 0);
      // A server that waits for data hears no cancellation.
      if (tenure.asking) tenure.backend.pass(COPY_FAIL);
      if (this.#unsynced) tenure.backend.pass(SYNC);
      this.#leave(tenure, due);
    }
    void this.#transport.close().then(() => this.#ended());
  }
}

/** Nobody hears it: the driver has been told. */
const gone = (outcome: Outcome): DurableError => durableError("LEASE_EXPIRED", outcome, "it took too long");

/** A server's own code, and for what the pool says, the one that drivers know best. */
function codeOf(error: LandlineError): string {
  if (error.name === "PostgresError") return error.code;
  return CODES[error.name] ?? "08006";
}
