// redis-parser in our decoder's place, on runtimes with Node's Buffer: RESP2, without limits, so that a hostile server can
// exhaust memory or stack. Where strings are asked for as bytes, status lines are bytes too.

import { LandlineError, ProtocolError } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { MakeDecoder, Reply, ReplyFormat, ReplySink } from "./protocol/messages.ts";
import { integerOf } from "./protocol/scalars.ts";
import { text } from "./protocol/text.ts";
declare const Buffer: { from(bytes: Uint8Array): Uint8Array };

/** What is needed of redis-parser's class. */
export type RedisParserClass = new (options: {
  returnBuffers: boolean;
  stringNumbers: boolean;
  returnReply(value: unknown): void;
  returnError(error: Error): void;
  returnFatalError(error: Error): void;
}) => { execute(chunk: never): void };

/**
 * Makes decoders of redis-parser's class, for the option `decoder`; the client then speaks RESP2.
 * @example
 * declare const Parser: RedisParserClass; // import Parser from "redis-parser";
 * const kv = redis("redis://localhost", { decoder: redisParser(Parser) });
 */
export function redisParser(Parser: RedisParserClass): MakeDecoder {
  const make: MakeDecoder = () => {
    let sink: ReplySink;
    let inexact: RedisError | undefined;
    const own = (value: unknown, format: ReplyFormat): Reply => {
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item) => own(item, format));
      if (value instanceof Error) return new RedisError(value.message);
      if (value instanceof Uint8Array) return format.bytes ? new Uint8Array(value) : text(value, 0, value.length);
      const integer = integerOf(BigInt(value as string), format);
      if (integer instanceof RedisError) inexact ??= integer;
      return integer;
    };
    const give = (value: unknown): void => {
      inexact = undefined;
      sink.reply(own(value, sink.format), inexact);
    };
    const broken = (cause: unknown): never => {
      throw cause instanceof LandlineError ? cause : new ProtocolError("the server does not speak RESP2", { cause });
    };
    const how = { returnBuffers: true, stringNumbers: true }; // Numbers are exact, and told from texts.
    const parser = new Parser({ ...how, returnReply: give, returnError: give, returnFatalError: broken });
    return {
      push(chunk: Uint8Array, to: ReplySink): void {
        sink = to;
        try {
          parser.execute(Buffer.from(chunk) as never); // A copy: it keeps what it is given.
        } catch (error) {
          broken(error);
        }
      },
    };
  };
  return Object.assign(make, { protocol: 2 as const });
}
