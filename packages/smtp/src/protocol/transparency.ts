// A message on its way through DATA (RFC 5321 4.5.2): every line end becomes CRLF, every leading dot is doubled, and the
// end is marked. For BDAT the line ends alone. Works on chunks cut anywhere, so that no border between them can smuggle a line end or a dot.

import type { ByteWriter } from "@landline/core/bytes";

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e; // '.'

/** One message. Use a new one for the next. */
export class DotStuffer {
  #atLineStart = true;
  #afterCr = false;
  readonly #dots: boolean;

  /** `dots: false` makes line ends CRLF, and does nothing else. */
  constructor(dots = true) {
    this.#dots = dots;
  }

  /** Writes `chunk` in its transparent form. */
  push(chunk: Uint8Array, writer: ByteWriter): void {
    let atLineStart = this.#atLineStart;
    let run = 0;
    let index = 0;
    // The CR at the end of the chunk before has been written as CRLF already.
    if (this.#afterCr && chunk[0] === LF) run = index = 1;
    this.#afterCr = this.#afterCr && chunk.length === 0;

    for (; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (byte === CR || byte === LF) {
        if (byte === CR && chunk[index + 1] === LF) {
          index++;
        } else {
          writer.bytes(chunk.subarray(run, index));
          writer.utf8("\r\n");
          run = index + 1;
          this.#afterCr = byte === CR && run === chunk.length;
        }
        atLineStart = true;
      } else if (atLineStart) {
        atLineStart = false;
        if (byte !== DOT || !this.#dots) continue;
        writer.bytes(chunk.subarray(run, index));
        writer.u8(DOT);
        run = index;
      }
    }
    if (run < chunk.length) writer.bytes(chunk.subarray(run));
    this.#atLineStart = atLineStart;
  }

  /** Ends the last line if it is open, and writes the final dot: from here on the server may take the message. */
  end(writer: ByteWriter): void {
    if (!this.#atLineStart) writer.utf8("\r\n");
    if (this.#dots) writer.utf8(".\r\n");
  }
}
