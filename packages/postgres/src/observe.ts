// What the client tells an observer: of queries, batches, cursors and streams here, of connections and the pool in
// connections.ts. Only where somebody listens. Names are those of OpenTelemetry's conventions for databases.

import type { Attributes, Observation, OperationEnd } from "@landline/core";
import { PostgresError } from "./errors.ts";
import type { Answer, ExecutionInit } from "./execution.ts";
import type { Settings } from "./options.ts";
import type { WireValue } from "./protocol/encoder.ts";
import { Result } from "./result.ts";

/** Tells the end of an operation. */
export type Tell = (end: OperationEnd) => void;

/** A statement to tell of. `written`: its text has no values of a user in it, because the program wrote it. */
export interface Told extends Pick<ExecutionInit, "text"> {
  readonly parameters?: ExecutionInit["parameters"];
  readonly written: boolean;
}

const ROWS = "db.response.returned_rows";
/** The words that statements begin with. What somebody has given as a text may begin with anything. */
const OPERATION =
  /^\s*(select|insert|update|delete|with|values|merge|copy|create|alter|drop|truncate|begin|commit|rollback|savepoint|release|set|show|listen|explain|analyze|vacuum|lock|call|do|refresh)\b/i;

/** What every operation of a client has. */
export function clientAttributes({ address, startup }: Settings): Attributes {
  return {
    "db.system.name": "postgresql",
    "db.namespace": startup.get("database") ?? "",
    "server.address": address.hostname,
    "server.port": address.port,
  };
}

/** Tells of statements that are sent together, or of one. Returns what is to be called once, at the end. */
export function begin(observation: Observation, statements: readonly Told[]): Tell {
  const batch = statements.length > 1;
  const [name, another] = new Set(statements.map((one) => OPERATION.exec(one.text)?.[1]?.toUpperCase() ?? ""));
  const operation = `${batch ? "BATCH " : ""}${another === undefined ? name : ""}`.trim();
  const text = [...new Set(statements.map((one) => one.text))].join("; ");
  return observation.begin(
    [operation || "query", observation.attributes["db.namespace"] ?? ""].join(" ").trimEnd(),
    {
      ...(operation === "" ? {} : { "db.operation.name": operation }),
      ...(batch ? { "db.operation.batch.size": statements.length } : {}),
      ...(statements.every(({ written, parameters }) => written || (parameters?.values.length ?? 0) > 0)
        ? { "db.query.text": text }
        : {}),
    },
    // The convention has no parameters of batches.
    () => ({ "db.query.text": text, ...(batch ? {} : parameterAttributes(statements[0]?.parameters?.values ?? [])) }),
  );
}

/** Tells how many rows there were, or what went wrong. */
export function follow(answer: Promise<Answer>, tell: Tell): void {
  answer.then(
    (value) => tell({ attributes: { [ROWS]: rowsIn(value) } }),
    (error: unknown) => tell(failureOf(error)),
  );
}

/** An end with an error. */
export function failureOf(error: unknown): OperationEnd {
  return {
    error,
    ...(error instanceof PostgresError ? { attributes: { "db.response.status_code": error.code } } : {}),
  };
}

/** The same batches of rows, as one operation: from when the first is asked for to the end of the reading. */
export async function* observeCursor(
  start: () => Tell,
  batches: AsyncGenerator<Result, void, undefined>,
): AsyncGenerator<Result, void, undefined> {
  const tell = start();
  let rows = 0;
  let end: OperationEnd | undefined;
  try {
    for await (const batch of batches) {
      rows += batch.length;
      yield batch;
    }
  } catch (error) {
    end = failureOf(error);
    throw error;
  } finally {
    tell(end ?? { attributes: { [ROWS]: rows } });
  }
}

function rowsIn(answer: Answer): number {
  if (!(answer instanceof Result)) return answer.reduce((sum, result) => sum + rowsIn(result), 0);
  // Those that were handed on one by one are in none of its places.
  return answer.columns.length === 0 ? 0 : Math.max(answer.length, answer.count);
}

function parameterAttributes(values: readonly WireValue[]): Attributes {
  const shown = values.map((value, index) => [`db.query.parameter.${index}`, shownValue(value)] as const);
  return Object.fromEntries(shown);
}

function shownValue(value: WireValue): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? value : `${value.length} bytes`;
}
