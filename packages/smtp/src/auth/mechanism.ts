// What a SASL mechanism (RFC 4422, RFC 4954) is to this client, and the choice among those that a server offers.
// A mechanism that shows the password never runs on a connection without TLS.

import type { Capabilities } from "../protocol/capabilities.ts";
import { SmtpError } from "../errors.ts";
import { login } from "./login.ts";
import { plain } from "./plain.ts";

/** Who logs in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** One authentication under way. */
export interface SaslExchange {
  /** The initial response, base64; `undefined` when the server speaks first. */
  readonly initial: string | undefined;
  /** Answers a 334 with base64; `undefined` when there is nothing left to say. `challenge` is its text as it came. */
  respond(challenge: string): string | undefined | Promise<string | undefined>;
}

/** A way of logging in. */
export interface Mechanism {
  readonly name: string;
  /** Whether who reads the connection learns the password. */
  readonly showsPassword: boolean;
  start(credentials: Credentials): SaslExchange;
}

/** Strongest first. */
const MECHANISMS: readonly Mechanism[] = [plain, login];

/**
 * The strongest mechanism that the server offers and that may be used on this connection.
 * @throws SmtpError `AUTH_REFUSED` when there is none: nothing was sent.
 */
export function chooseMechanism({ auth }: Capabilities, secure: boolean): Mechanism {
  const offered = MECHANISMS.filter(({ name }) => auth.includes(name));
  const usable = offered.find(({ showsPassword }) => secure || !showsPassword);
  if (usable !== undefined) return usable;
  if (offered.length > 0)
    throw refused("the connection has no TLS, and every mechanism offered would show the password");
  if (auth.length === 0) throw refused(`the server does not offer authentication${secure ? "" : " without TLS"}`);
  const known = MECHANISMS.map(({ name }) => name).join(", ");
  throw refused(`the server offers only ${auth.slice(0, 10).join(", ")}; this client knows ${known}`);
}

function refused(why: string): SmtpError {
  return new SmtpError(`cannot log in: ${why}`, { code: "AUTH_REFUSED", outcome: "unsent", phase: "auth" });
}
