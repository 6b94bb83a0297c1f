// How many connections an object opens at once: one at first, and twice as many after each that works. A new instance starts
// while the old one still has its connections, and many of them start together after an outage.

/** A gate that widens with success. */
export class SlowStart {
  readonly #most: number;
  #width = 1;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` when it is its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      const result = await work();
      this.#width = Math.min(this.#most, this.#width * 2);
      return result;
    } catch (error) {
      this.#width = 1;
      throw error;
    } finally {
      this.#running--;
      while (this.#running < this.#width && this.#waiting.length > 0) {
        this.#running++;
        this.#waiting.shift()?.();
      }
    }
  }
}
