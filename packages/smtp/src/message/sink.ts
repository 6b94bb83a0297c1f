// A composed message for those who take it whole: as bytes, or as a byte stream.

import { ByteWriter } from "@landline/core/bytes";
import type { Composed } from "./compose.ts";

/** The message in memory: for a file, a queue, a test, or an API that takes raw messages. */
export async function toBytes({ body, size }: Pick<Composed, "body" | "size">): Promise<Uint8Array> {
  const writer = new ByteWriter(size);
  for await (const piece of body) writer.bytes(piece);
  return writer.take();
}

/** The message as a stream, composed as it is read. A message with a stream that can be read once can be read once. */
export function toStream({ body }: Pick<Composed, "body">): ReadableStream<Uint8Array> {
  const iterator = (async function* pieces() {
    yield* body;
  })();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      // A piece is ours until the next one is asked for only.
      else controller.enqueue(value.slice());
    },
    async cancel() {
      await iterator.return(undefined);
    },
  });
}
