// One value for each I/O context, so that a client may live at module scope of a Worker: what belongs to one request is
// never touched from another. Elsewhere there is one context, and one value.

import { contextProbe } from "#context";

/** How many contexts are remembered; the one that was used longest ago goes first. Its owner makes a new value if it comes back. */
const MAX_CONTEXTS = 64;

interface Entry<T> {
  readonly isHere: () => boolean;
  readonly value: T;
}

/**
 * A value per I/O context, made on first use there.
 *
 * @example
 * const connections = new ContextLocal(() => new Map<string, Transport>());
 * connections.get(); // in each request its own
 */
export class ContextLocal<T> {
  readonly #make: () => T;
  /** The last used first. */
  readonly #entries: Entry<T>[] = [];

  constructor(make: () => T) {
    this.#make = make;
  }

  /** The value of the current context. */
  get(): T {
    const [first] = this.#entries;
    if (first?.isHere() === true) return first.value;
    return this.#find()?.value ?? this.#add();
  }

  /** The value of the current context, if it has one. */
  peek(): T | undefined {
    return this.#find()?.value;
  }

  #find(): Entry<T> | undefined {
    const at = this.#entries.findIndex(({ isHere }) => isHere());
    if (at < 0) return undefined;
    const [entry] = this.#entries.splice(at, 1);
    if (entry !== undefined) this.#entries.unshift(entry);
    return entry;
  }

  #add(): T {
    const entry = { isHere: contextProbe(), value: this.#make() };
    this.#entries.unshift(entry);
    if (this.#entries.length > MAX_CONTEXTS) this.#entries.pop();
    return entry.value;
  }
}
