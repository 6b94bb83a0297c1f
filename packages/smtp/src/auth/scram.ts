// SCRAM-SHA-256 and SCRAM-SHA-1 (RFC 5802, RFC 7677) from the client's side, without channel binding, which no runtime
// that this must run on makes possible everywhere. Every proof of the server is demanded; the nonce comes from outside.

import { ProtocolError } from "@landline/core";
import { SmtpError } from "../errors.ts";
import { encodeBase64 } from "../message/base64.ts";
import { decodeChallenge } from "./challenge.ts";
import type { Mechanism } from "./mechanism.ts";

/** RFC 5802 5.1 asks for 4,096 at least. Fewer would let a false server test passwords cheaply. */
const MIN_ITERATIONS = 4_096;
/** More would let a false server keep the processor busy. */
const MAX_ITERATIONS = 600_000;
const GS2_HEADER = "n,,";
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,9})(?:,.*)?$/;
const SERVER_FINAL = /^v=([A-Za-z0-9+/]+={0,2})(?:,.*)?$/;
/** RFC 4013 2.1: spaces, and what is mapped to nothing. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

const utf8 = new TextEncoder();
const text = new TextDecoder();

type Bytes = Uint8Array<ArrayBuffer>;

/** Shows nothing of the password, and learns whether the server knows it. */
export const scramSha256: Mechanism = scram("SHA-256", 256);

/** The same on SHA-1. */
export const scramSha1: Mechanism = scram("SHA-1", 160);

/** A user's name as it stands in a message (RFC 5802 5.1). */
export function saslName(name: string): string {
  return prepared(name).replaceAll("=", "=3D").replaceAll(",", "=2C");
}

function scram(hash: "SHA-256" | "SHA-1", bits: number): Mechanism {
  return {
    name: `SCRAM-${hash}`,
    secret: "password",
    showsSecret: false,
    start({ username, secret, nonce }) {
      const firstBare = `n=${saslName(username)},r=${nonce}`;
      const initial = encodeBase64(GS2_HEADER + firstBare);
      let step = 0;
      let signature: Bytes | undefined;
      let proved = false;

      const answer = async (serverFirst: string): Promise<string> => {
        const { serverNonce, salt, iterations } = readFirst(serverFirst, nonce);
        const salted = await saltPassword(prepared(secret), salt, iterations, hash, bits);
        const clientKey = await hmac(hash, salted, "Client Key");
        const storedKey = new Uint8Array(await crypto.subtle.digest(hash, clientKey));
        const withoutProof = `c=${btoa(GS2_HEADER)},r=${serverNonce}`;
        const authMessage = `${firstBare},${serverFirst},${withoutProof}`;
        const proof = await hmac(hash, storedKey, authMessage);
        for (const [index, byte] of clientKey.entries()) proof[index] = (proof[index] as number) ^ byte;
        signature = await hmac(hash, await hmac(hash, salted, "Server Key"), authMessage);
        return encodeBase64(`${withoutProof},p=${encodeBase64(proof)}`);
      };

      return {
        initial,
        respond(challenge) {
          // A server that does not take the initial response with the command asks for it by an empty challenge.
          if (step === 0 && challenge === "") return initial;
          step++;
          const message = text.decode(decodeChallenge(challenge));
          if (step === 1) return answer(message);
          if (step > 2 || signature === undefined) return undefined;
          verify(message, signature);
          proved = true;
          return "";
        },
        finish() {
          if (!proved) throw wrong("the server says yes without proving that it knows the password");
        },
      };
    },
  };
}

function readFirst(message: string, ours: string): { serverNonce: string; salt: Bytes; iterations: number } {
  const [, serverNonce, salt, count] = SERVER_FIRST.exec(message) ?? [];
  if (serverNonce === undefined || salt === undefined || count === undefined)
    throw wrong("the server's first SCRAM message is malformed");
  if (!serverNonce.startsWith(ours) || serverNonce.length === ours.length)
    throw wrong("the server's SCRAM nonce does not extend ours");
  const iterations = Number(count);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    const range = `${MIN_ITERATIONS} to ${MAX_ITERATIONS}`;
    throw wrong(`the server asks for ${iterations} SCRAM iterations, outside of ${range}`, "PROTOCOL_LIMIT");
  }
  return { serverNonce, salt: decodeChallenge(salt), iterations };
}

/** Whether the server knows the password too. */
function verify(message: string, expected: Bytes): void {
  const given = decodeChallenge(SERVER_FINAL.exec(message)?.[1] ?? "");
  let difference = given.length ^ expected.length;
  for (const [index, byte] of expected.entries()) difference |= byte ^ (given[index] ?? 0);
  if (difference !== 0) throw wrong("the server could not prove that it knows the password");
}

async function saltPassword(
  password: string,
  salt: Bytes,
  iterations: number,
  hash: string,
  bits: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", utf8.encode(password), "PBKDF2", false, ["deriveBits"]);
  try {
    return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash, salt, iterations }, key, bits));
  } catch (cause) {
    throw new SmtpError(
      `this runtime refuses the ${iterations} SCRAM iterations that the server asks for; set authMethod: "PLAIN"`,
      { code: "AUTH_REFUSED", outcome: "unsent", phase: "auth", cause },
    );
  }
}

async function hmac(hash: string, key: Bytes, message: string): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8.encode(message)));
}

/** SASLprep (RFC 4013) as far as it maps; what it would prohibit is used as it is, as servers do. */
function prepared(name: string): string {
  return name.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
}

function wrong(why: string, code = "PROTOCOL_VIOLATION"): ProtocolError {
  return new ProtocolError(`${why}; this is not the right server`, { code, outcome: "unsent" });
}
