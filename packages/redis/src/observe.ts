// What the client tells an observer: of commands here, of connections in open.ts and station.ts. Only where somebody listens.

import type { Attributes, Observation } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Command } from "./protocol/messages.ts";

/** What every operation of a client has. */
export function clientAttributes({ address, handshake }: Settings): Attributes {
  return {
    "db.system.name": "redis",
    "db.namespace": String(handshake.database ?? 0),
    "server.address": address.hostname,
    "server.port": address.port,
  };
}

/** Tells of commands that are sent together, from now until `answer`. `batch`: as what. */
export function observeCommands<T>(
  observation: Observation,
  commands: readonly Command[],
  batch: "PIPELINE" | "MULTI" | undefined,
  answer: Promise<T>,
): void {
  const name = batch ?? String(commands[0]?.[0]).toUpperCase();
  const size = batch === undefined ? {} : { "db.operation.batch.size": commands.length };
  const end = observation.begin(name, { "db.operation.name": name, ...size }, () => ({
    "db.query.text": commands.map((command) => command.map(shown).join(" ")).join("\n"),
  }));
  answer.then(
    () => end({}),
    (error: unknown) =>
      end({ error, ...(error instanceof RedisError ? { attributes: { "db.response.status_code": error.code } } : {}) }),
  );
}

function shown(argument: Command[number]): string {
  return argument instanceof Uint8Array ? `<${argument.length} bytes>` : String(argument);
}
