// The body of a message on its way: whole where it is in memory, else a byte stream.

import { compose, type Circumstances, type Composed, type Message } from "@landline/smtp/message";
import type { Mail } from "./rpc.ts";

/** What RPC takes at once; 32 MiB is its limit. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;

const CIRCUMSTANCES: Circumstances = {
  now: () => new Date(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
};

/** Composes here, so that the object only sends. @throws TypeError for a message that cannot be written. */
export function composed(message: Message): { mail: Mail; body: Uint8Array | ReadableStream<Uint8Array> } {
  const { body, segments: _, ...mail } = compose(message, CIRCUMSTANCES);
  return {
    mail,
    body: Array.isArray(body) ? whole(body as Uint8Array[]) : streamed(body as AsyncIterable<Uint8Array>),
  };
}

/** In one piece, or as a stream where that is too large. */
function whole(pieces: readonly Uint8Array[]): Uint8Array | ReadableStream<Uint8Array> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > MAX_WHOLE_BYTES) return streamed(iterated(pieces));
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function* iterated(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function streamed(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) {
        controller.close();
        controller.byobRequest?.respond(0);
      } else if (value.length > 0) controller.enqueue(value.slice());
    },
    async cancel() {
      await iterator.return?.();
    },
  }) as ReadableStream<Uint8Array>;
}

/** The message again, as a client of SMTP takes it. A stream can be read once, so that it cannot be signed. */
export function recomposed(mail: Mail, body: Uint8Array | ReadableStream<Uint8Array>): Composed {
  if (body instanceof Uint8Array) return { ...mail, body: [body], segments: [body] };
  const source = body as unknown as AsyncIterable<Uint8Array>;
  return { ...mail, body: source, segments: [{ size: mail.size, replayable: false, open: () => source }] };
}
