// Bytes for a reader at the other end of RPC: a byte stream that holds little, and says when it has room again. In the
// object; inlet.ts is its other end.

/** What a reader's doings call for. None may throw. */
export interface OutletInit {
  /** There is room again. */
  pull(): void;
  /** The reader is gone, or wants no more. */
  cancel(reason: unknown): void;
  /** Something has been put into it. `room`: whether there is room for more. */
  pushed?(room: boolean): void;
  /** How many bytes may wait in it. Default 64 KiB. */
  readonly roomBytes?: number;
}

const ROOM_BYTES = 64 * 1024;

/** A stream that is written to from outside. */
export class Outlet {
  readonly readable: ReadableStream<Uint8Array>;
  #controller!: ReadableByteStreamController;
  readonly #pushed: ((room: boolean) => void) | undefined;
  #over = false;

  constructor(init: OutletInit) {
    const { pull, cancel, roomBytes = ROOM_BYTES } = init;
    this.#pushed = init.pushed && ((room) => init.pushed?.(room));
    this.readable = new ReadableStream(
      {
        type: "bytes",
        start: (controller) => void (this.#controller = controller),
        pull: () => pull(),
        cancel: (reason: unknown) => {
          this.#over = true;
          cancel(reason);
        },
      },
      { highWaterMark: roomBytes },
    ) as ReadableStream<Uint8Array>;
  }

  /** Copies `chunk[from, to)` into it, whether there is room or not. Returns whether there still is. */
  push(chunk: Uint8Array, from = 0, to: number = chunk.length): boolean {
    if (this.#over || to === from) return true;
    this.#controller.enqueue(chunk.slice(from, to));
    const room = (this.#controller.desiredSize ?? 0) > 0;
    this.#pushed?.(room);
    return room;
  }

  /** Bytes that wait beyond the room that there is. */
  get excess(): number {
    return this.#over ? 0 : Math.max(0, -(this.#controller.desiredSize ?? 0));
  }

  /** Nothing more comes. An error would be thrown where nobody catches it: what broke, the reader has to ask for. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
    // A reader that waits with a buffer of its own is told by this that nothing more comes.
    this.#controller.byobRequest?.respond(0);
  }
}
