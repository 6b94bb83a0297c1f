// Channel binding where nobody tells the server's certificate. It is refused before it comes to this.

import { refused } from "./refusals.ts";

/** @throws LandlineError always. */
export function tlsServerEndPoint(): Promise<Uint8Array> {
  return Promise.reject(refused("there is no channel binding on Workers"));
}
