// The text of a 334 as bytes (RFC 4954 section 4). Strict: what is not base64 comes from a server that is out of step.

import { ProtocolError } from "@landline/core";

/** @throws ProtocolError when `text` is not base64. */
export function decodeChallenge(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new ProtocolError("the server sent a SASL challenge that is not base64", { outcome: "unsent" });
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
