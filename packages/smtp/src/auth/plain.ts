// PLAIN (RFC 4616): user name and password in one response, UTF-8.

import { encodeBase64 } from "../message/base64.ts";
import type { Mechanism } from "./mechanism.ts";

/** Shows the password to who reads the connection. */
export const plain: Mechanism = {
  name: "PLAIN",
  secret: "password",
  showsSecret: true,
  start({ username, secret }) {
    const initial = encodeBase64(`\0${username}\0${secret}`);
    // A server that sends a challenge instead of taking the initial response gets the same answer, once.
    let asked = false;
    return {
      initial,
      respond() {
        if (asked) return undefined;
        asked = true;
        return initial;
      },
    };
  },
};
