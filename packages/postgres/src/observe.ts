// What the client tells an observer: of queries here, of connections and the pool in connections.ts. Only where somebody listens.

import type { Attributes, Observation } from "@landline/core";
import { PostgresError } from "./errors.ts";
import type { ExecutionInit } from "./execution.ts";
import type { Settings } from "./options.ts";
import type { WireValue } from "./protocol/encoder.ts";

/** What every operation of a client has. */
export function clientAttributes({ address, startup }: Settings): Attributes {
  return {
    "db.system.name": "postgresql",
    "db.namespace": startup.get("database") ?? "",
    "server.address": address.hostname,
    "server.port": address.port,
  };
}

/** Tells of a query, from now until `answer`. `written`: its text is the program's own, with parameters apart. */
export function observeQuery<T>(
  observation: Observation,
  { text, parameters }: Pick<ExecutionInit, "text" | "parameters">,
  written: boolean,
  answer: Promise<T>,
): void {
  const operation = /^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase();
  const database = observation.attributes["db.namespace"];
  const end = observation.begin(
    [operation ?? "query", database].join(" "),
    {
      ...(operation === undefined ? {} : { "db.operation.name": operation }),
      ...(written ? { "db.query.text": text } : {}),
    },
    () => ({ "db.query.text": text, ...parameterAttributes(parameters.values) }),
  );
  answer.then(
    (value) => end(Array.isArray(value) ? { attributes: { "db.response.returned_rows": value.length } } : {}),
    (error: unknown) =>
      end({
        error,
        ...(error instanceof PostgresError ? { attributes: { "db.response.status_code": error.code } } : {}),
      }),
  );
}

function parameterAttributes(values: readonly WireValue[]): Attributes {
  const shown = values.map((value, index) => [`db.query.parameter.${index}`, shownValue(value)] as const);
  return Object.fromEntries(shown);
}

function shownValue(value: WireValue): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? value : `${value.length} bytes`;
}
