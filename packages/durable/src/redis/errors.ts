// How Redis' own errors, and what a pool says no to, cross RPC.

import type { Outcome } from "@landline/core";
import { RedisError } from "@landline/redis";
import { DurableError } from "../durable-error.ts";
import type { ErrorFamily } from "../error-data.ts";

/** RedisError, DurableError. */
export const redisErrors: ErrorFamily = {
  fieldsOf: (error) => (error instanceof RedisError ? { command: error.command } : undefined),
  revive({ name, message, code, outcome, fields }) {
    if (name === "RedisError") {
      const command = fields?.["command"];
      return new RedisError(message, { code, outcome, ...(typeof command === "string" ? { command } : {}) });
    }
    return name === "DurableError" ? new DurableError(message, { code, outcome }) : undefined;
  },
};

/** A command that no connection of a pool takes. */
export function unsupported(command: string, outcome: Outcome = "unsent"): DurableError {
  return new DurableError(
    `${command} does not go through a pool: it would change a connection that others use after you`,
    { code: "POOL_UNSUPPORTED", outcome },
  );
}
