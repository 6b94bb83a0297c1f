// Reads a byte stream that came over RPC, and pushes what comes; paused, it reads no more, and so the object in time does
// not either.

/** Takes what is read. `data` may throw, which ends the reading; `over` is then called with that. */
export interface InletSink {
  /** Borrowed until this returns. */
  data(chunk: Uint8Array): void;
  /** Nothing more comes: the stream's end, or what went wrong with it. Called once. */
  over(failure: { readonly error: unknown } | undefined): void;
}

/** A stream that is read from now on. */
export class Inlet {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  constructor(readable: ReadableStream<Uint8Array>, sink: InletSink) {
    this.#reader = readable.getReader();
    void this.#read(sink);
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => (this.#resume = resolve));
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
  }

  /** Reads no more; the sink hears that it is over. */
  cancel(reason: unknown): void {
    this.resume();
    this.#reader.cancel(reason).catch(() => {});
  }

  async #read(sink: InletSink): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one chunk after the other
        const { done, value } = await this.#reader.read();
        if (done) break;
        // oxlint-disable-next-line no-await-in-loop -- as above
        if (this.#paused !== undefined) await this.#paused;
        sink.data(value);
      }
    } catch (error) {
      failure = { error };
      this.#reader.cancel(error).catch(() => {});
    }
    sink.over(failure);
  }
}
