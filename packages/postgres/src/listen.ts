// LISTEN on one connection of its own for all channels of a client. A connection that is lost is made again, and everybody
// who listens is told that there is a gap: what was sent in between is gone.

import { LandlineError, type Deadline, Deadlines, type Observation } from "@landline/core";
import { PostgresError } from "./errors.ts";
import { earOf, listenText } from "./ear.ts";
import { begin, failureOf } from "./observe.ts";
import type { Ear, Hearing, Sessions } from "./session.ts";

/** A notification. */
export interface Notification {
  readonly gap: false;
  readonly channel: string;
  /** Empty when none was given. */
  readonly payload: string;
  /** The process id of the backend that sent it. */
  readonly processId: number;
}

/** Notifications have been lost: look at the tables themselves, as after the start. */
export interface Gap {
  readonly gap: true;
  readonly channel: string;
  /** The connection was lost and has been made again, or the loop was too slow for its queue. */
  readonly reason: "reconnected" | "overflow";
}

/** Hears what comes in on one channel. None of these may throw. */
export interface Subscriber {
  event(event: Notification | Gap): void;
  /** Nothing more will come. */
  end(failure?: { readonly error: unknown }): void;
}

const MAX_CHANNEL_BYTES = 63;
/** A connection on which nothing is sent may be gone without a word. */
const PROBE_AFTER = 60_000;
const BACKOFF_BASE = 100;
const BACKOFF_MAX = 10_000;
/** Authorization and unknown databases: no better the next time. */
const FINAL = /^(?:28|3D)/;

/** @throws TypeError for what the server would cut short or refuse. */
export function checkChannel(channel: string): void {
  if (typeof channel !== "string" || channel === "" || channel.includes("\0"))
    throw new TypeError("a channel is a string that is not empty and has no NUL character");
  if (new TextEncoder().encode(channel).length > MAX_CHANNEL_BYTES)
    throw new TypeError(`a channel's name has at most ${MAX_CHANNEL_BYTES} bytes`);
}

/** The channels of one client, in one I/O context. */
export class Channels {
  readonly #sessions: Sessions;
  readonly #observation: Observation | undefined;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  /** Who has been told that his channel is listened to, so that a connection made anew is a gap. */
  readonly #told = new Set<Subscriber>();
  readonly #deadlines = new Deadlines();
  readonly #closing = new AbortController();
  #own: Ear | undefined;
  #connecting: Promise<void> | undefined;
  /** What the connection of the moment listens to. */
  #listened = new Set<string>();
  #retry: Deadline | undefined;
  #probe: Deadline | undefined;

  constructor(sessions: Sessions, observation?: Observation) {
    this.#sessions = sessions;
    this.#observation = observation;
  }

  /** Resolves once the server listens. */
  async add(channel: string, subscriber: Subscriber): Promise<void> {
    const set = this.#subscribers.get(channel) ?? new Set();
    this.#subscribers.set(channel, set.add(subscriber));
    try {
      if (this.#own === undefined) await this.#connect();
      if (!this.#listened.has(channel)) await this.#listen([channel]);
      this.#told.add(subscriber);
    } catch (error) {
      this.remove(channel, subscriber);
      throw error;
    }
  }

  /** The last one out closes the connection. */
  remove(channel: string, subscriber: Subscriber): void {
    this.#told.delete(subscriber);
    const set = this.#subscribers.get(channel);
    if (set?.delete(subscriber) !== true || set.size > 0) return;
    this.#subscribers.delete(channel);
    if (this.#subscribers.size === 0) return this.#hangUp();
    if (this.#listened.delete(channel)) this.#own?.unlisten(channel).catch(() => {});
  }

  /** Everybody's last word; no connection is made any more. */
  close(failure?: { readonly error: unknown }): void {
    if (failure === undefined) this.#closing.abort(closed());
    const subscribers = [...this.#subscribers.values()].flatMap((set) => [...set]);
    this.#subscribers.clear();
    this.#told.clear();
    this.#hangUp();
    for (const subscriber of subscribers) subscriber.end(failure);
  }

  #connect(): Promise<void> {
    return (this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined)));
  }

  async #open(): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const hearing: Hearing = {
      notification: (channel, payload, processId) => this.#tell({ gap: false, channel, payload, processId }),
      end: () => own !== undefined && this.#lost(own),
    };
    let own: Ear | undefined = undefined;
    own = await this.#openEar(hearing, signal);
    this.#own = own;
    this.#listened = new Set();
    if (!own.alive) this.#lost(own);
    try {
      await this.#listen([...this.#subscribers.keys()]);
    } catch (error) {
      if (this.#own === own) this.#own = undefined;
      void own.close();
      throw error;
    }
    this.#retry?.clear();
    this.#probeLater();
    for (const [channel, set] of this.#subscribers) {
      for (const one of set) if (this.#told.has(one)) one.event({ gap: true, channel, reason: "reconnected" });
    }
    if (this.#subscribers.size === 0) this.#hangUp();
  }

  async #openEar(hearing: Hearing, signal: AbortSignal): Promise<Ear> {
    const sessions = this.#sessions;
    if (sessions.hear !== undefined) return sessions.hear(hearing, { signal });
    if (sessions.open === undefined) throw unsupported();
    return earOf(await sessions.open({ signal }), hearing);
  }

  async #listen(channels: readonly string[]): Promise<void> {
    const listened = this.#listened;
    if (this.#own === undefined) throw closed();
    const own = this.#own;
    if (channels.length > 0) await this.#observed(channels, () => own.listen(channels));
    for (const channel of channels) listened.add(channel);
  }

  async #observed(channels: readonly string[], work: () => Promise<void>): Promise<void> {
    const observation = this.#observation;
    if (observation?.on !== true) return work();
    const tell = begin(observation, [{ text: listenText(channels), written: false }]);
    const done = work();
    done.then(
      () => tell({}),
      (error: unknown) => tell(failureOf(error)),
    );
    return done;
  }

  #tell(event: Notification): void {
    for (const subscriber of this.#subscribers.get(event.channel) ?? []) subscriber.event(event);
  }

  #lost(own: Ear): void {
    if (this.#own !== own) return;
    this.#own = undefined;
    this.#probe?.clear();
    void own.close();
    if (this.#told.size > 0) this.#connectLater(0);
  }

  #connectLater(attempt: number): void {
    this.#retry?.clear();
    const wait = Math.min(BACKOFF_MAX, BACKOFF_BASE * 2 ** attempt) * (0.5 + Math.random() / 2);
    this.#retry = this.#deadlines.guard(wait, undefined, () => {
      if (this.#own !== undefined || this.#subscribers.size === 0) return;
      this.#connect().catch((error: unknown) => {
        const final = error instanceof PostgresError && FINAL.test(error.code);
        if (final || error instanceof TypeError) this.close({ error });
        else if (!this.#closing.signal.aborted && this.#subscribers.size > 0) this.#connectLater(attempt + 1);
      });
    });
  }

  #probeLater(): void {
    this.#probe?.clear();
    this.#probe = this.#deadlines.guard(PROBE_AFTER, undefined, () => {
      this.#own?.probe().then(
        () => this.#own !== undefined && this.#probeLater(),
        () => {},
      );
    });
  }

  #hangUp(): void {
    const own = this.#own;
    this.#own = undefined;
    this.#deadlines.clear();
    void own?.close();
  }
}

function closed(): LandlineError {
  return new LandlineError("the connection that listens is gone", { code: "CLOSED", outcome: "unsent" });
}

/** Why there can be no LISTEN. */
export function unsupported(): LandlineError {
  return new LandlineError(
    "LISTEN needs a connection to the server itself: a pooler changes backends between transactions, and would lose it",
    { code: "LISTEN_UNSUPPORTED", outcome: "unsent" },
  );
}
