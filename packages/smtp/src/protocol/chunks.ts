// A message on its way through BDAT (RFC 3030): every line end becomes CRLF, no dot is touched, and a chunk's header is
// written only when the chunk is there, so that no length is ever promised that a failing source cannot keep.

import { ByteWriter } from "@landline/core/bytes";
import { command } from "./encoder.ts";
import { DotStuffer } from "./transparency.ts";

/** A chunk leaves as soon as it has so many bytes. */
const CHUNK_BYTES = 64 * 1024;

/** One message. Use a new one for the next. */
export class Chunker {
  readonly #lines = new DotStuffer(false);
  readonly #chunk = new ByteWriter();

  /** Takes a piece; writes a chunk when there is enough for one. Returns how many commands that are answered were written. */
  push(piece: Uint8Array, writer: ByteWriter): number {
    this.#lines.push(piece, this.#chunk);
    if (this.#chunk.length < CHUNK_BYTES) return 0;
    this.#flush(writer, false);
    return 1;
  }

  /** Writes the last chunk: from here on the server may take the message. */
  end(writer: ByteWriter): void {
    this.#lines.end(this.#chunk);
    this.#flush(writer, true);
  }

  #flush(writer: ByteWriter, last: boolean): void {
    const { buffer, length } = this.#chunk;
    command(writer, `BDAT ${length}${last ? " LAST" : ""}`);
    writer.bytes(buffer.subarray(0, length));
    this.#chunk.rewind(0);
  }
}
