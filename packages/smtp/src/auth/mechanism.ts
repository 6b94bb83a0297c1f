// What a SASL mechanism (RFC 4422, RFC 4954) is to this client, and the choice among those that a server offers.
// A mechanism that shows its secret never runs on a connection without TLS.

import type { Capabilities } from "../protocol/capabilities.ts";
import { SmtpError } from "../errors.ts";
import { cramMd5 } from "./cram-md5.ts";
import { login } from "./login.ts";
import { oauthBearer, xoauth2 } from "./oauth.ts";
import { plain } from "./plain.ts";
import { scramSha1, scramSha256 } from "./scram.ts";

/** Gives an OAuth 2 access token that is good now; asked for each new connection. */
export type TokenProvider = (options: { readonly signal: AbortSignal | undefined }) => string | Promise<string>;

/** Who logs in, and what he knows: a password, or an access token. */
export interface Credentials {
  readonly username: string;
  readonly password?: string | undefined;
  readonly accessToken?: string | TokenProvider | undefined;
  /** The only mechanism to use. */
  readonly method?: string | undefined;
}

/** What one login goes by. */
export interface Login {
  readonly username: string;
  /** The password, or the access token. */
  readonly secret: string;
  /** Whom the client connected to. */
  readonly hostname: string;
  readonly port: number;
  /** Visible ASCII without a comma, fresh for each login. */
  readonly nonce: string;
}

/** One authentication under way. */
export interface SaslExchange {
  /** The initial response, base64; `undefined` when the server speaks first. */
  readonly initial: string | undefined;
  /** Answers a 334 with base64; `undefined` when there is nothing left to say. `challenge` is its text as it came. */
  respond(challenge: string): string | undefined | Promise<string | undefined>;
  /** Called when the server says yes. @throws ProtocolError when it has not proved what this mechanism demands of it. */
  finish?(): void;
}

/** A way of logging in. */
export interface Mechanism {
  readonly name: string;
  /** What it needs to know. */
  readonly secret: "password" | "accessToken";
  /** Whether who reads the connection learns the secret. */
  readonly showsSecret: boolean;
  start(login: Login): SaslExchange;
}

/**
 * In order of preference. CRAM-MD5 comes last: it lets who reads the connection try passwords, and proves nothing of the
 * server, so that under TLS even PLAIN is no worse; in the clear it is what remains when SCRAM is not offered.
 */
const MECHANISMS: readonly Mechanism[] = [scramSha256, scramSha1, plain, login, cramMd5, oauthBearer, xoauth2];

/** The names that may be asked for. */
export const MECHANISM_NAMES: readonly string[] = MECHANISMS.map(({ name }) => name);

/**
 * The first mechanism that the server offers, that these credentials serve, and that may be used on this connection.
 * @throws SmtpError `AUTH_REFUSED` when there is none: nothing was sent.
 */
export function chooseMechanism({ auth }: Capabilities, secure: boolean, credentials: Credentials): Mechanism {
  const known = MECHANISMS.filter(
    ({ name, secret }) =>
      credentials[secret] !== undefined && (credentials.method === undefined || credentials.method === name),
  );
  const offered = known.filter(({ name }) => auth.includes(name));
  const usable = offered.find(({ showsSecret }) => secure || !showsSecret);
  if (usable !== undefined) return usable;
  if (offered.length > 0)
    throw refused("the connection has no TLS, and every mechanism that could be used would show the secret");
  if (auth.length === 0) throw refused(`the server does not offer authentication${secure ? "" : " without TLS"}`);
  const names = known.map(({ name }) => name).join(", ");
  throw refused(
    `the server offers only ${auth.slice(0, 10).join(", ")}; with these credentials it would take ${names}`,
  );
}

function refused(why: string): SmtpError {
  return new SmtpError(`cannot log in: ${why}`, { code: "AUTH_REFUSED", outcome: "unsent", phase: "auth" });
}
