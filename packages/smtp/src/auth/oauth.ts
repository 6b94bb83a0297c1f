// Access tokens: OAUTHBEARER (RFC 7628) and the older XOAUTH2 that Gmail and Microsoft document. A refusal comes as a
// challenge with its reasons, which has to be answered before the server says no.

import { encodeBase64 } from "../message/base64.ts";
import { saslName } from "./scram.ts";
import type { Mechanism, SaslExchange } from "./mechanism.ts";

/** RFC 6750 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Shows the token to who reads the connection. */
export const oauthBearer: Mechanism = {
  name: "OAUTHBEARER",
  secret: "accessToken",
  showsSecret: true,
  start({ username, secret, hostname, port }) {
    const who = `n,a=${saslName(username)},\u0001host=${hostname}\u0001port=${port}`;
    return bearer(`${who}\u0001auth=Bearer ${checked(secret)}\u0001\u0001`, "AQ==");
  },
};

/** Shows the token to who reads the connection. */
export const xoauth2: Mechanism = {
  name: "XOAUTH2",
  secret: "accessToken",
  showsSecret: true,
  start: ({ username, secret }) => bearer(`user=${username}\u0001auth=Bearer ${checked(secret)}\u0001\u0001`, ""),
};

/** Some servers ask for the response although it came with the command; what they ask after it is their refusal. */
function bearer(text: string, acknowledgement: string): SaslExchange {
  const initial = encodeBase64(text);
  let asked = false;
  return {
    initial,
    respond(challenge) {
      if (challenge !== "") return acknowledgement;
      if (asked) return undefined;
      asked = true;
      return initial;
    },
  };
}

function checked(token: string): string {
  if (!TOKEN.test(token)) throw new TypeError("an access token must be letters, digits and -._~+/ (RFC 6750)");
  return token;
}
