// The AUTH conversation (RFC 4954): one mechanism, step by step, until the server says yes or no.

import type { Connection } from "../connection.ts";
import { refusal, SmtpError } from "../errors.ts";
import { ask, outOfOrder } from "../exchange.ts";
import { encodeBase64 } from "../message/base64.ts";
import { argument } from "../protocol/encoder.ts";
import type { Login } from "../handshake.ts";
import type { Reply } from "../protocol/messages.ts";
import type { Limits } from "../session.ts";
import { chooseMechanism } from "./mechanism.ts";
import type { Credentials, TokenProvider } from "./mechanism.ts";

/** RFC 5321 4.5.3.1.4: an initial response that makes the command longer than this waits for a challenge (RFC 4954 4). */
const MAX_COMMAND_BYTES = 512;
const MAX_STEPS = 8;

/**
 * A login for the handshake, by the best mechanism that the server offers. It throws SmtpError when the server refuses,
 * or when it offers nothing that may be used on this connection; neither its message nor its cause holds any part of the
 * credentials.
 */
export function loginWith(credentials: Credentials): Login {
  return async (connection, limits) => {
    try {
      await converse(connection, credentials, limits);
    } catch (error) {
      // Half-way through, whatever is said next would be taken for a response.
      if (!(error instanceof SmtpError)) connection.cancel(error);
      throw error;
    }
  };
}

async function converse(connection: Connection, credentials: Credentials, limits: () => Limits): Promise<void> {
  const { capabilities, secure } = connection;
  const mechanism = chooseMechanism(capabilities, secure, credentials);
  const given = credentials[mechanism.secret] as string | TokenProvider;
  const secret =
    typeof given === "string"
      ? given
      : await connection.during({ phase: "auth", ...limits() }, async () => given({ signal: limits().signal }));
  if (typeof secret !== "string") throw new TypeError("accessToken must give a string");
  const exchange = mechanism.start({
    username: credentials.username,
    secret,
    ...connection.peer,
    nonce: encodeBase64(crypto.getRandomValues(new Uint8Array(24))),
  });
  const auth = `AUTH ${mechanism.name}`;
  const atOnce = `${auth} ${exchange.initial}`;
  const fits = exchange.initial !== undefined && atOnce.length + 2 <= MAX_COMMAND_BYTES;
  const said = [secret, fits ? (exchange.initial as string) : ""];
  let reply = await ask(connection, "auth", fits ? atOnce : auth, limits());
  for (let step = 0; reply.code === 334; step++) {
    const challenge = reply.lines[0] ?? "";
    const response =
      step < MAX_STEPS
        ? await connection.during({ phase: "auth", ...limits() }, async () => exchange.respond(challenge))
        : undefined;
    if (response === undefined) {
      const error = new SmtpError(`the server asks for more than ${mechanism.name} has to say`, {
        code: "AUTH_REFUSED",
        outcome: "unsent",
        phase: "auth",
      });
      connection.cancel(error);
      throw error;
    }
    said.push(response);
    reply = await ask(connection, "auth", response && argument(response), limits());
  }
  if (reply.code < 300) return exchange.finish?.();
  if (reply.code < 400) throw outOfOrder("AUTH", reply.code);
  throw refusal(`the server refused the login (${mechanism.name})`, "auth", without(reply, said));
}

/** Some servers repeat what they were sent. */
function without(reply: Reply, secrets: readonly string[]): Reply {
  const lines = reply.lines.map((line) =>
    secrets.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "[hidden]")), line),
  );
  return { ...reply, lines };
}
