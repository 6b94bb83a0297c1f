// A backend that is lent out, from the first flight to the last: cancellation, and the way back. It goes back to the pool
// only when all is answered, no cancellation can strike any more, no transaction is open, and nothing is left in the session.

import { TimeoutError, type Deadline, type Deadlines, type Outcome } from "@landline/core";
import type { Lease } from "@landline/core/pool";
import type { Backend } from "./backend.ts";
import type { Notified } from "./notifications.ts";
import { durableError } from "../durable-error.ts";
import type { Landing, ReplyOutlet } from "./flight.ts";
import { countSyncs, endsCopy } from "./frames.ts";

/** What has become of loans, since the object started. */
export interface TenureCounts {
  loans: number;
  /** Callers that got no connection: too many waited, or one had to wait for too long, or none could be opened. */
  refused: number;
  /** Ended by a deadline of the object's. */
  expired: number;
  /** Queries that the server was asked to stop. */
  cancelled: number;
  /** Sessions that were rolled back or reset before they were lent again. */
  resets: number;
  /** Connections that did not come to rest, and were given up. */
  destroyed: number;
}

/** What tenures share: one timer, and the bound of every clean-up. */
export interface House {
  readonly counts: TenureCounts;
  readonly deadlines: Deadlines;
  /** Milliseconds that a cancelled query has to come to its end. */
  readonly cancelTimeout: number;
}

/** Says why a tenure is over, to those whose work that has become of. */
export type ErrorOf = (outcome: Outcome) => unknown;

const EMPTY = new Uint8Array(0);
/** Rolling back and discarding take as long as a round trip. What takes longer has no server behind it. */
const CLEAN_TIMEOUT = 2_000;

/** One loan of a backend. */
export class Tenure {
  readonly #lease: Lease<Backend>;
  readonly #backend: Backend;
  readonly #house: House;
  readonly #stopped: Promise<Landing>;
  #stop!: (landing: Landing) => void;
  #flying = new Set<Promise<Landing>>();
  #cancelling: Promise<void> | undefined;
  /** What the server was last asked to stop. It may have to be asked more than once, and that counts once. */
  #asked: Promise<Landing> | undefined;
  #over: ErrorOf | undefined;

  constructor(lease: Lease<Backend>, house: House) {
    this.#lease = lease;
    this.#backend = lease.resource;
    this.#house = house;
    this.#stopped = new Promise((resolve) => (this.#stop = resolve));
  }

  /** Whether nothing is in flight. */
  get idle(): boolean {
    return this.#flying.size === 0;
  }

  /** Whether the server waits for data of a COPY. */
  get asking(): boolean {
    return this.#backend.asking;
  }

  /** Sends frames; never rejects. @throws ProtocolError when they are not frames that may be sent. */
  send(
    frames: Uint8Array,
    { held, outlet }: { readonly held: boolean; readonly outlet?: ReplyOutlet },
  ): Promise<Landing> {
    const due = countSyncs(frames);
    if (this.#over !== undefined) return Promise.resolve({ bytes: EMPTY, error: this.#over("unsent") });
    const landed = this.#backend.send(frames, { due, held, outlet });
    this.#flying.add(landed);
    void landed.then(() => this.#flying.delete(landed));
    return Promise.race([landed, this.#stopped]);
  }

  /** The backend, for who speaks the whole protocol over it. */
  get backend(): Backend {
    return this.#backend;
  }

  /** Begins a flight that goes on until {@link Backend.land}; never rejects. */
  open(outlet: ReplyOutlet): Promise<Landing> {
    const landed = this.#backend.open(outlet);
    this.#flying.add(landed);
    void landed.then(() => this.#flying.delete(landed));
    return landed;
  }

  /** Goes on with a COPY. Resolves when there is room for more. @throws ProtocolError; what ended the tenure. */
  async sendOn(frames: Uint8Array): Promise<void> {
    const last = endsCopy(frames);
    if (this.#over !== undefined) throw this.#over("unknown");
    await this.#backend.sendOn(frames, last);
  }

  /** The reader of a stream has room again. */
  resume(): void {
    this.#backend.resume();
  }

  /** Hears notifications, where the server is asked to listen. */
  listen(notified: Notified | undefined): void {
    this.#backend.listen(notified);
  }

  /** A statement of our own. */
  command(text: string): Promise<Landing> {
    if (this.#over !== undefined) return Promise.resolve({ bytes: EMPTY, error: this.#over("unsent") });
    return Promise.race([this.#backend.command(text), this.#stopped]);
  }

  /** Asks the server to stop what is in flight. Resolves when that cannot strike later; rejects when this is not certain. */
  cancel(): Promise<void> {
    if (this.idle) return this.#cancelling ?? Promise.resolve();
    if (this.#cancelling === undefined) {
      const [flight] = this.#flying;
      if (flight !== this.#asked) this.#house.counts.cancelled++;
      this.#asked = flight;
      this.#cancelling = this.#backend.cancel().finally(() => (this.#cancelling = undefined));
    }
    return this.#cancelling;
  }

  /** Has the session reset before it is lent again, whatever has been seen of it. */
  soil(): void {
    this.#backend.dirty = true;
  }

  /** Calls `lost` when the connection is gone, until the tenure ends. */
  watch(lost: () => void): void {
    const { onEnd } = this.#backend;
    this.#backend.onEnd = () => {
      onEnd?.();
      if (this.#over === undefined) lost();
    };
  }

  /** Ends the tenure: who waits is told now, and so is who comes later. The backend goes back behind their backs. Idempotent. */
  stop(errorOf: ErrorOf): void {
    if (this.#over !== undefined) return;
    this.#over = errorOf;
    if (!this.idle) {
      this.#backend.forsake();
      this.#stop({ bytes: EMPTY, error: errorOf("unknown") });
    }
    void this.#giveBack();
  }

  /** Ends the tenure because it has taken too long, or was silent for too long. */
  expire(errorOf: ErrorOf): void {
    if (this.#over === undefined) this.#house.counts.expired++;
    this.stop(errorOf);
  }

  /** Ends the tenure; the caller has nothing more to say. */
  finish(): void {
    this.stop((outcome) => durableError("LEASE_EXPIRED", outcome, "this connection has been given back to the pool"));
  }

  async #giveBack(): Promise<void> {
    const backend = this.#backend;
    // The usual case costs no turn: the next in line is served in this one.
    if (this.idle && this.#cancelling === undefined && backend.status === "I" && !backend.dirty)
      return this.#lease.release();
    this.#house.counts.resets++;
    const clean = await this.#bounded(this.#settle(), this.#house.cancelTimeout)
      .then(() => this.#bounded(this.#clean(), CLEAN_TIMEOUT))
      .catch(() => false);
    if (clean) return this.#lease.release();
    this.#house.counts.destroyed++;
    backend.abort(new TimeoutError("the connection did not come to rest", { code: "TIMEOUT", outcome: "unknown" }));
    this.#lease.destroy();
  }

  /** Until nothing is in flight, and no cancellation either. */
  async #settle(): Promise<void> {
    if (!this.idle) await this.cancel();
    await this.#cancelling;
    await Promise.all(this.#flying);
  }

  /** Brings the session back to where a new one is. */
  async #clean(): Promise<boolean> {
    const backend = this.#backend;
    if (backend.alive && backend.status !== "I") await backend.command("rollback");
    if (backend.alive && backend.dirty) {
      backend.dirty = false;
      const { error } = await backend.command("discard all");
      backend.dirty = error !== undefined;
    }
    return backend.alive && backend.status === "I" && !backend.dirty;
  }

  #bounded<T>(work: Promise<T>, timeout: number): Promise<T> {
    let deadline: Deadline | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = this.#house.deadlines.guard(timeout, undefined, () => reject(new Error("too late")));
    });
    return Promise.race([work, late]).finally(() => deadline?.clear());
  }
}
