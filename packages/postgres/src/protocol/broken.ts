// What a server sends against the rules, and the reading of numbers that every part of the protocol shares.

import { ProtocolError } from "@landline/core";

/** "The server sent …": names what, and never its contents. */
export function broken(
  what: string,
  code: "PROTOCOL_VIOLATION" | "PROTOCOL_LIMIT" = "PROTOCOL_VIOLATION",
): ProtocolError {
  return new ProtocolError(`the server sent ${what}`, { code });
}

/** Four bytes, big-endian, signed. */
export function int32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
