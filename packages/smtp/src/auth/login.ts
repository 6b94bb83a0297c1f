// LOGIN (draft-murchison-sasl-login): user name, then password, each on demand, UTF-8. The prompts are not standardised,
// so they are answered by position.

import { encodeBase64 } from "../message/base64.ts";
import type { Mechanism } from "./mechanism.ts";

/** Shows the password to who reads the connection. Only for servers that do not know PLAIN. */
export const login: Mechanism = {
  name: "LOGIN",
  secret: "password",
  showsSecret: true,
  start({ username, secret }) {
    const answers = [username, secret];
    return {
      initial: undefined,
      respond() {
        const answer = answers.shift();
        return answer === undefined ? undefined : encodeBase64(answer);
      },
    };
  },
};
