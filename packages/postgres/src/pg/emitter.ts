// The EventEmitter under Client, Pool, Query and Cursor: Node's own where the runtime has it, so that `instanceof` holds
// and no byte is spent; else one that does the same for what node-postgres and those who use it call.

// oxlint-disable-next-line typescript/no-explicit-any -- as in the types of Node's emitter, to which ours has to be assignable
export type Listener = (...args: any[]) => void;

type Name = string | symbol;

/** What an emitter can do. */
export interface Emitter {
  on(event: Name, listener: Listener): this;
  addListener(event: Name, listener: Listener): this;
  once(event: Name, listener: Listener): this;
  prependListener(event: Name, listener: Listener): this;
  prependOnceListener(event: Name, listener: Listener): this;
  off(event: Name, listener: Listener): this;
  removeListener(event: Name, listener: Listener): this;
  removeAllListeners(event?: Name): this;
  emit(event: Name, ...args: unknown[]): boolean;
  listenerCount(event: Name): number;
  listeners(event: Name): Listener[];
  rawListeners(event: Name): Listener[];
  eventNames(): Name[];
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
}

/** Makes one. */
export interface EmitterConstructor {
  new (): Emitter;
}

type Once = Listener & { readonly listener: Listener };

/** For where there is no `node:events`. @internal */
class PlainEmitter implements Emitter {
  readonly #listeners = new Map<Name, Listener[]>();
  #max = 10;

  on(event: Name, listener: Listener): this {
    return this.#add(event, listener, false);
  }

  addListener(event: Name, listener: Listener): this {
    return this.#add(event, listener, false);
  }

  once(event: Name, listener: Listener): this {
    return this.#add(event, this.#wrap(event, listener), false);
  }

  prependListener(event: Name, listener: Listener): this {
    return this.#add(event, listener, true);
  }

  prependOnceListener(event: Name, listener: Listener): this {
    return this.#add(event, this.#wrap(event, listener), true);
  }

  off(event: Name, listener: Listener): this {
    const all = this.#listeners.get(event) ?? [];
    const at = all.findLastIndex((each) => each === listener || (each as Partial<Once>).listener === listener);
    if (at >= 0) this.#set(event, all.toSpliced(at, 1));
    return this;
  }

  removeListener(event: Name, listener: Listener): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: Name): this {
    if (event === undefined) this.#listeners.clear();
    else this.#listeners.delete(event);
    return this;
  }

  /** @throws what `error` comes with, when nobody listens to it. */
  emit(event: Name, ...args: unknown[]): boolean {
    const all = this.#listeners.get(event);
    if (all === undefined) {
      if (event === "error") throw args[0];
      return false;
    }
    for (const listener of all) listener.apply(this, args);
    return true;
  }

  listenerCount(event: Name): number {
    return this.#listeners.get(event)?.length ?? 0;
  }

  listeners(event: Name): Listener[] {
    return this.rawListeners(event).map((listener) => (listener as Partial<Once>).listener ?? listener);
  }

  rawListeners(event: Name): Listener[] {
    return [...(this.#listeners.get(event) ?? [])];
  }

  eventNames(): Name[] {
    return [...this.#listeners.keys()];
  }

  setMaxListeners(count: number): this {
    this.#max = count;
    return this;
  }

  getMaxListeners(): number {
    return this.#max;
  }

  #add(event: Name, listener: Listener, first: boolean): this {
    const all = this.#listeners.get(event) ?? [];
    // A new list each time: an emit that is under way goes on over the old one.
    this.#set(event, first ? [listener, ...all] : [...all, listener]);
    return this;
  }

  #set(event: Name, all: Listener[]): void {
    if (all.length > 0) this.#listeners.set(event, all);
    else this.#listeners.delete(event);
  }

  #wrap(event: Name, listener: Listener): Once {
    const wrapped = (...args: unknown[]): void => {
      this.off(event, wrapped);
      listener.apply(this, args);
    };
    return Object.assign(wrapped, { listener });
  }
}

interface ProcessLike {
  getBuiltinModule?(name: string): { readonly EventEmitter?: EmitterConstructor } | undefined;
}

/** Node's `EventEmitter`, or {@link PlainEmitter}. */
export const EventEmitter: EmitterConstructor =
  (globalThis as { process?: ProcessLike }).process?.getBuiltinModule?.("node:events")?.EventEmitter ?? PlainEmitter;

/** Tells of an error those who listen. With nobody there it is dropped: a lost connection must not end a process. */
export function emitError(emitter: Emitter, error: unknown, ...rest: unknown[]): void {
  if (emitter.listenerCount("error") > 0) guarded(() => emitter.emit("error", error, ...rest));
}

/** Emits; what a listener throws is surfaced. */
export function emit(emitter: Emitter, event: string, ...args: unknown[]): void {
  guarded(() => emitter.emit(event, ...args));
}

/** Runs a user's code from inside our own. What it throws is his, and surfaces as an uncaught error, outside of ours. */
export function guarded(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
