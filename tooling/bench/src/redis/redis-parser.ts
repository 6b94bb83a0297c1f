// redis-parser with `returnBuffers: true`, its faster way: views of the chunk, without a copy.

import RedisParser from "redis-parser";
import type { Contestant } from "../harness/contestant.ts";
import { decodeTrial } from "./decoder-input.ts";

/** redis-parser, for text or buffers. */
export function redisParserFor(returnBuffers: boolean): Contestant {
  return async (scenario) =>
    decodeTrial(scenario, (onReply) => {
      const fail = (error: Error): never => {
        throw error;
      };
      const parser = new RedisParser({
        returnReply: onReply,
        returnError: fail,
        returnFatalError: fail,
        returnBuffers,
      });
      return (chunk) => parser.execute(chunk);
    });
}

export const contestant: Contestant = redisParserFor(true);
