// What the client tells an observer: of commands here, of connections in open.ts and station.ts. Only where somebody listens.

import type { Attributes, Observation } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Command } from "./protocol/messages.ts";

const KNOWN_PROCEDURE = /^(EVALSHA|FCALL)/;

/** What every operation of a client has. */
export function clientAttributes({ attributes, address, handshake }: Settings): Attributes {
  return {
    "db.system.name": "redis",
    ...(attributes ?? {
      "db.namespace": String(handshake.database ?? 0),
      "server.address": address.hostname,
      "server.port": address.port,
    }),
  };
}

/** Tells of commands that are sent together, from now until `answer`. `batch`: as what. */
export function observeCommands<T>(
  observation: Observation,
  commands: readonly Command[],
  batch: "PIPELINE" | "MULTI" | undefined,
  answer: Promise<T>,
): void {
  const names = new Set(commands.map(([command]) => String(command).toUpperCase()));
  const only = names.size === 1 ? [...names] : [];
  const name = (batch === undefined ? only : [batch, ...only]).join(" ");
  const [command] = commands;
  const end = observation.begin(
    name,
    {
      "db.operation.name": name,
      // One is no batch, in the convention.
      ...(commands.length > 1 ? { "db.operation.batch.size": commands.length } : {}),
      // What a script's text is known by, or a function's name.
      ...(batch === undefined && KNOWN_PROCEDURE.test(name)
        ? { "db.stored_procedure.name": String(command?.[1]) }
        : {}),
    },
    () => ({ "db.query.text": commands.map((each) => each.map(shown).join(" ")).join("\n") }),
  );
  answer.then(
    (replies) => {
      const errors =
        batch === undefined ? 0 : (replies as unknown[]).filter((reply) => reply instanceof RedisError).length;
      end(errors === 0 ? {} : { attributes: { "landline.redis.errors": errors } });
    },
    (error: unknown) =>
      end({ error, ...(error instanceof RedisError ? { attributes: { "db.response.status_code": error.code } } : {}) }),
  );
}

function shown(argument: Command[number]): string {
  return argument instanceof Uint8Array ? `<${argument.length} bytes>` : String(argument);
}
