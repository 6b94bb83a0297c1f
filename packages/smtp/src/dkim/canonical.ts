// Relaxed canonicalisation (RFC 6376 3.4.2, 3.4.4). Pure; bodies in chunks cut anywhere, with CRLF line ends.

import { ByteWriter } from "@landline/core/bytes";

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** One body. Blanks at line ends and lines at the end are kept back until it is known whether anything follows them. */
export class RelaxedBody {
  readonly #writer = new ByteWriter();
  #blank = false;
  #lineEnds = 0;
  #started = false;

  /** The canonical form of what came, as far as it is certain. Valid until the next call. */
  push(chunk: Uint8Array): Uint8Array {
    const writer = this.#writer;
    writer.rewind(0);
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (byte === SPACE || byte === TAB) {
        this.#blank = true;
      } else if (byte === LF) {
        this.#blank = false;
        this.#lineEnds++;
      } else if (byte !== CR) {
        for (; this.#lineEnds > 0; this.#lineEnds--) {
          writer.u8(CR);
          writer.u8(LF);
        }
        if (this.#blank) writer.u8(SPACE);
        this.#blank = false;
        writer.u8(byte);
        this.#started = true;
      }
    }
    return writer.buffer.subarray(0, writer.length);
  }

  /** The end: one line end, unless there was nothing at all. */
  end(): Uint8Array {
    return this.#started ? Uint8Array.of(CR, LF) : new Uint8Array(0);
  }
}

/** A field, as it stands in the message with its CRLF, in canonical form with CRLF. */
export function relaxedField(field: string): string {
  const colon = field.indexOf(":");
  const name = field.slice(0, colon).trim().toLowerCase();
  const value = field
    .slice(colon + 1)
    .replaceAll("\r\n", "")
    .replace(/[ \t]+/g, " ")
    .trim();
  return `${name}:${value}\r\n`;
}

/** The fields of a header, each with its continuation lines and CRLF. */
export function fieldsOf(header: string): string[] {
  return header.split(/(?<=\r\n)(?![ \t])/).filter((field) => field !== "" && field !== "\r\n");
}
