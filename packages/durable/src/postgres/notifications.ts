// Notifications on a connection of the pool that listens: NotificationResponse (PostgreSQL documentation, "Message Formats"),
// the one message of which the object reads the content, because it has to know whom it is for.

/** Hears of one. */
export type Notified = (channel: string, payload: string, processId: number) => void;

const HEADER_BYTES = 5;
const decoder = new TextDecoder();

/** Puts together the frames that chunks have cut. Told of every frame's begin, and of the end of notifications. */
export class NotificationTap {
  readonly #notified: Notified;
  /** The frame of the moment: what of it came in chunks before, and where it begins in this one. */
  #before: Uint8Array[] = [];
  #at = 0;

  constructor(notified: Notified) {
    this.#notified = notified;
  }

  begin(at: number): void {
    this.#before = [];
    this.#at = at;
  }

  /** A notification ends before `to` of the chunk. */
  end(chunk: Uint8Array, to: number): void {
    const last = chunk.subarray(this.#at, to);
    const frame = this.#before.length === 0 ? last : joined([...this.#before, last]);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const channelEnd = frame.indexOf(0, HEADER_BYTES + 4);
    const payloadEnd = frame.indexOf(0, channelEnd + 1);
    if (channelEnd < 0 || payloadEnd < 0) return;
    const channel = decoder.decode(frame.subarray(HEADER_BYTES + 4, channelEnd));
    const payload = decoder.decode(frame.subarray(channelEnd + 1, payloadEnd));
    this.#notified(channel, payload, view.getInt32(HEADER_BYTES));
    this.#at = to;
  }

  /** A chunk is over: keeps what a frame has of it. Frames of other kinds are kept as well, and forgotten when they end. */
  keep(chunk: Uint8Array): void {
    if (this.#at < chunk.length) this.#before.push(chunk.slice(this.#at));
    this.#at = 0;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
