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

  /** The value of the current context. */
  get(): T {
    const entries = this.#entries;
    if (entries[0]?.isHere()) return entries[0].value;
    const everywhere = ++this.#searches % LOOK_EVERYWHERE_EVERY === 0;
    let entry = this.#take(everywhere ? MAX_CONTEXTS : this.#window);
    if (!entry) {
      // A new one, as far as can be seen.
      if (everywhere) this.#window = Math.max(MIN_WINDOW, this.#window >> 1);
      entry = { isHere: contextProbe(), value: this.#make() };
    }
    if (entries.unshift(entry) > MAX_CONTEXTS) entries.pop();
    return entry.value;
  }

  /** The value of the current context, if it has one. */
  peek(): T | undefined {
    return this.#entries.find(({ isHere }) => isHere())?.value;
  }

  /** Takes the entry of this context out of the first `limit`; the very first has been asked. */
  #take(limit: number): Entry<T> | undefined {
    const at = this.#entries.findIndex(({ isHere }, index) => index > 0 && index < limit && isHere());
    if (at < 0) return undefined;
    this.#window = Math.max(this.#window, 2 * at);
    return this.#entries.splice(at, 1)[0];
  }
}
