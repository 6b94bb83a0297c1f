// Several servers for one database, as libpq has it (PostgreSQL documentation, "Specifying Multiple Hosts"): one after the
// other, until one is there and is of the kind that is asked for. Who is told that his password is wrong does not go on guessing.

import { isLandlineError, LandlineError, type SocketAddress } from "@landline/core";
import { PostgresError } from "./errors.ts";
import type { Settings } from "./options.ts";

/** What kind of server will do: libpq's `target_session_attrs`. */
export type TargetSession = "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";

/** By which words of the server, since PostgreSQL 14, a kind is told. */
const KINDS: Readonly<Record<string, (parameters: ReadonlyMap<string, string>) => boolean>> = {
  primary: (parameters) => parameters.get("in_hot_standby") === "off",
  standby: (parameters) => parameters.get("in_hot_standby") === "on",
  "read-write": (parameters) => KINDS["primary"]?.(parameters) === true && !readOnly(parameters),
  "read-only": (parameters) => KINDS["standby"]?.(parameters) === true || readOnly(parameters),
};
/** A server that does not take anybody just now: shutting down or starting, and one that is full. */
const NOT_NOW = new Set(["57P01", "57P03", "53300"]);

/** A login as far as it matters here. */
interface Candidate {
  readonly transport: { close(): unknown };
  readonly greeting: { readonly parameters: ReadonlyMap<string, string> };
}

/** `logIn` at the first of the hosts that will do, and the settings for it. Each has its share of the time until `deadline`. */
export async function firstHost<T extends Candidate>(
  settings: Settings,
  deadline: number,
  logIn: (settings: Settings, deadline: number) => Promise<T>,
): Promise<T & { readonly settings: Settings }> {
  const { hosts, target } = settings;
  const order = settings.loadBalance ? shuffled(hosts) : hosts;
  const kinds = target === "prefer-standby" ? ["standby", "any"] : [target];
  const tries = kinds.flatMap((kind) => order.map((address) => ({ kind, address })));
  const failures: { readonly address: SocketAddress; readonly error: unknown }[] = [];
  for (const [index, { kind, address }] of tries.entries()) {
    const now = Date.now();
    const at = { ...settings, address };
    try {
      const login = await logIn(at, now + Math.max(1, deadline - now) / (tries.length - index));
      if (KINDS[kind]?.(login.greeting.parameters) !== false) return { ...login, settings: at };
      void login.transport.close();
      throw unfit(kind, login.greeting.parameters);
    } catch (error) {
      if (tries.length === 1 || isFinal(error)) throw error;
      failures.push({ address, error });
    }
  }
  throw nobody(failures);
}

function readOnly(parameters: ReadonlyMap<string, string>): boolean {
  return parameters.get("default_transaction_read_only") === "on";
}

/** The same again from another host, and not for us to ask anywhere else; or no error of a server's at all. */
function isFinal(error: unknown): boolean {
  if (error instanceof PostgresError) return !NOT_NOW.has(error.code);
  return !isLandlineError(error) || error.code === "AUTH_REFUSED";
}

function unfit(kind: string, parameters: ReadonlyMap<string, string>): LandlineError {
  const message = parameters.has("in_hot_standby")
    ? `the server is not ${kind}, which target_session_attrs asks for`
    : "the server, or the pooler in front of it, does not tell what target_session_attrs asks for; that needs PostgreSQL 14";
  return new LandlineError(message, { code: "CONNECT_FAILED", outcome: "unsent" });
}

function nobody(failures: readonly { readonly address: SocketAddress; readonly error: unknown }[]): LandlineError {
  const told = failures.map(
    ({ address: { hostname, port }, error }) => `${hostname}:${port}: ${(error as Error).message}`,
  );
  return new LandlineError(`none of the hosts would do: ${told.join("; ")}`, {
    code: "CONNECT_FAILED",
    outcome: "unsent",
    cause: failures.at(-1)?.error,
  });
}

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0] as T);
}
