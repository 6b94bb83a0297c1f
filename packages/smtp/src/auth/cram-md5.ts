// CRAM-MD5 (RFC 2195): the server's challenge, keyed by the password.

import { encodeBase64 } from "../message/base64.ts";
import { decodeChallenge } from "./challenge.ts";
import { hmacMd5 } from "./md5.ts";
import type { Mechanism } from "./mechanism.ts";

const utf8 = new TextEncoder();

/** Keeps the password from who reads the connection, but lets him try passwords on what he read. */
export const cramMd5: Mechanism = {
  name: "CRAM-MD5",
  secret: "password",
  showsSecret: false,
  start({ username, secret }) {
    let asked = false;
    return {
      initial: undefined,
      respond(challenge) {
        if (asked) return undefined;
        asked = true;
        let digest = "";
        for (const byte of hmacMd5(utf8.encode(secret), decodeChallenge(challenge)))
          digest += byte.toString(16).padStart(2, "0");
        return encodeBase64(`${username} ${digest}`);
      },
    };
  },
};
