// Lines of RESP that are a whole value: text in, value out. Strict as RESP3.md and hiredis are: what is not exactly in the
// grammar is a ProtocolError, never a guess.

import { ProtocolError } from "@landline/core";
import { IntegerRangeError, RedisError } from "../errors.ts";
import { BIG_NUMBER, BOOLEAN, DOUBLE, INTEGER, NULL, SIMPLE_ERROR, SIMPLE_STRING } from "./messages.ts";
import type { Reply, ReplyFormat } from "./messages.ts";

const INT = /^(?:0|[+-]?[1-9]\d{0,18})$/;
const BIG = /^[+-]?\d+$/;
const DOUBLES = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|(inf(?:inity)?)|(nan(?:\(\w*\))?))$/i;

type Scalar = (line: string, format: ReplyFormat) => Reply;

/** The types whose value is their line, by type byte. */
export const SCALARS: Readonly<Record<number, Scalar>> = {
  [SIMPLE_STRING]: (line) => line,
  [SIMPLE_ERROR]: (line) => new RedisError(line),
  [INTEGER]: (line, format) => integerOf(INT.test(line) ? BigInt(line) : malformed("integer"), format),
  [NULL]: (line) => (line === "" ? null : malformed("null")),
  [BOOLEAN]: (line) => line === "t" || (line === "f" ? false : malformed("boolean")),
  [DOUBLE]: (line) => parseDouble(line) ?? malformed("double"),
  [BIG_NUMBER]: (line, { integers }) => {
    const value = BIG.test(line) ? BigInt(line) : malformed("big number");
    return integers === "string" ? String(value) : value;
  },
};

/** An integer in the form that is wanted, or the error that carries it. */
export function integerOf(exact: bigint, { integers }: ReplyFormat): Reply {
  if (exact !== BigInt.asIntN(64, exact)) return malformed("integer");
  if (integers !== "number") return integers === "bigint" ? exact : String(exact);
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : new IntegerRangeError(exact);
}

/** A double as Redis writes it, in RESP3 and in the bulk strings of RESP2, or `undefined`. */
export function parseDouble(digits: string): number | undefined {
  const [told, infinite, nan] = DOUBLES.exec(digits) ?? [];
  if (infinite !== undefined) return digits.startsWith("-") ? -Infinity : Infinity;
  if (nan !== undefined) return Number.NaN;
  return told === undefined ? undefined : Number(told);
}

/** An error of the server, which sent `what`. */
export function violation(what: string, code = "PROTOCOL_VIOLATION"): ProtocolError {
  return new ProtocolError(`the server sent ${what}`, { code });
}

function malformed(what: string): never {
  throw violation(`a malformed ${what}`);
}
