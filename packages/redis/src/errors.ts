// What a Redis server says no with, and what its answer cannot be told as. Failures of connections are core's errors.

import { LandlineError, type Outcome } from "@landline/core";

const CODE = /^[A-Z][A-Z0-9_]*$/;

/** An error reply. `code` is its first word (`WRONGTYPE`, `NOPERM`, `ERR`), `message` all of it. */
export class RedisError extends LandlineError {
  override readonly name: string = "RedisError";
  /** The name of the command that was refused, when it is known; never its arguments. */
  command: string | undefined;

  constructor(message: string, init: { code?: string; outcome?: Outcome; command?: string; cause?: unknown } = {}) {
    const { code = codeOf(message), outcome = "refused", cause } = init;
    super(message, cause === undefined ? { code, outcome } : { code, outcome, cause });
    this.command = init.command;
  }
}

/**
 * The server answered with an integer beyond 2^53, which no JavaScript number tells exactly; the command itself was
 * carried out. Ask for `integers: "bigint"` or `"string"` where such numbers are expected.
 */
export class IntegerRangeError extends RedisError {
  override readonly name: string = "IntegerRangeError";
  /** The exact integer. */
  readonly value: bigint;

  constructor(value: bigint) {
    super('the reply holds an integer beyond 2^53: read it from this error\'s `value`, or ask for integers: "bigint"', {
      code: "INTEGER_RANGE",
      outcome: "unknown",
    });
    this.value = value;
  }
}

function codeOf(message: string): string {
  const space = message.indexOf(" ");
  const word = space === -1 ? message : message.slice(0, space);
  return CODE.test(word) ? word : "ERR";
}
