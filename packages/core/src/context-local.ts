// One value for each I/O context, so that a client may live at module scope of a Worker: what belongs to one request is
// never touched from another. Elsewhere there is one context, and one value.

import { contextProbe } from "#context";

/** How many contexts are remembered; the one that was used longest ago goes first. Its owner makes a new value if it comes back. */
const MAX_CONTEXTS = 64;
/**
 * A probe of a foreign context costs 25 µs on workerd (it throws), and a request that has ended looks like one that is
 * busy elsewhere. So only the contexts used last are asked, as many as have lately been found to be alive at once, and now
 * and then all, to notice that there are more.
 */
const MIN_WINDOW = 4;
const LOOK_EVERYWHERE_EVERY = 16;
const NARROW_EVERY = 32;

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

  #window = MIN_WINDOW;
  #searches = 0;
  #added = 0;

  /** The value of the current context. */
  get(): T {
    const [first] = this.#entries;
    if (first?.isHere() === true) return first.value;
    const everywhere = ++this.#searches % LOOK_EVERYWHERE_EVERY === 0;
    return this.#find(everywhere ? MAX_CONTEXTS : this.#window)?.value ?? this.#add();
  }

  /** The value of the current context, if it has one. */
  peek(): T | undefined {
    return this.#find(MAX_CONTEXTS)?.value;
  }

  #find(limit: number): Entry<T> | undefined {
    const entries = this.#entries;
    for (let at = 0; at < limit; at++) {
      const entry = entries[at];
      if (entry === undefined) return undefined;
      if (!entry.isHere()) continue;
      this.#window = Math.min(MAX_CONTEXTS, Math.max(this.#window, 2 * at));
      entries.splice(at, 1);
      entries.unshift(entry);
      return entry;
    }
    return undefined;
  }

  #add(): T {
    const entry = { isHere: contextProbe(), value: this.#make() };
    this.#entries.unshift(entry);
    if (this.#entries.length > MAX_CONTEXTS) this.#entries.pop();
    if (++this.#added % NARROW_EVERY === 0) this.#window = Math.max(MIN_WINDOW, this.#window >> 1);
    return entry.value;
  }
}
