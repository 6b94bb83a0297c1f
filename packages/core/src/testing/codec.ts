// What a scripted peer needs to speak a protocol: bytes into messages, messages into bytes, and a message as one line.

/** One side of a protocol. `In` is what this side receives, `Out` what it sends. */
export interface Codec<In, Out = In> {
  /** Makes a decoder: it takes chunks that end anywhere, and hands each whole message to `emit`. What it throws ends the script. */
  decoder(emit: (message: In) => void): (chunk: Uint8Array) => void;
  /** The bytes of one message. */
  encode(message: Out): Uint8Array;
  /** A message on one line, for the transcript; two messages that are written alike are equal. Default: as JSON. */
  describe?(message: In | Out): string;
}

const encoder = new TextEncoder();
const LF = 0x0a;

/** Lines of text without their ends. Sends CRLF, takes LF as well. */
export const lines: Codec<string> = {
  decoder(emit) {
    const decoder = new TextDecoder();
    let rest: number[] = [];
    return (chunk) => {
      for (const byte of chunk) {
        if (byte !== LF) {
          rest.push(byte);
          continue;
        }
        const line = decoder.decode(Uint8Array.from(rest));
        rest = [];
        emit(line.endsWith("\r") ? line.slice(0, -1) : line);
      }
    };
  },
  encode: (line) => encoder.encode(`${line}\r\n`),
  describe: (line) => line,
};

/** One line for any value; bytes in hexadecimal. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  return (
    JSON.stringify(value, (_key, part: unknown) => {
      if (part instanceof Uint8Array) return `<${Array.from(part, hex).join(" ")}>`;
      if (part instanceof Map) return [...part];
      return typeof part === "bigint" ? `${part}n` : part;
    }) ?? String(value)
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
