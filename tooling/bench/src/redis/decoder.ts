// Our decoder alone, with its defaults: strings as text.

import { DEFAULT_FORMAT, ReplyDecoder } from "@landline/redis/wire";
import type { Contestant } from "../harness/contestant.ts";
import { decodeTrial } from "./decoder-input.ts";

/** Our decoder, for text or bytes. */
export function decoderFor(bytes: boolean): Contestant {
  return async (scenario) =>
    decodeTrial(scenario, (onReply) => {
      const decoder = new ReplyDecoder();
      const sink = { format: { ...DEFAULT_FORMAT, bytes }, reply: onReply, push: () => {} };
      return (chunk) => decoder.push(chunk, sink);
    });
}

export const contestant: Contestant = decoderFor(false);
