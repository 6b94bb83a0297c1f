// The md5 password method (PostgreSQL documentation, "Password Authentication"), by the platform's MD5: workerd's WebCrypto has
// it, Node, Deno and Bun by node:crypto, which is reached without an import.

import { refused } from "./refusals.ts";

interface NodeCrypto {
  createHash(name: "md5"): { update(bytes: Uint8Array): { digest(): Uint8Array } };
}

const encoder = new TextEncoder();

/** The answer to AuthenticationMD5Password: `md5` and hex of md5(hex of md5(password, user), salt). */
export async function md5Password(user: string, password: string, salt: Uint8Array): Promise<string> {
  const inner = encoder.encode(await md5Hex(new Uint8Array(encoder.encode(password + user))));
  const salted = new Uint8Array([...inner, ...salt]);
  return `md5${await md5Hex(salted)}`;
}

/** The digest in lower-case hex. */
export async function md5Hex(input: Uint8Array<ArrayBuffer>): Promise<string> {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const node = process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  try {
    const digest = node?.createHash("md5").update(input).digest() ?? (await crypto.subtle.digest("MD5", input));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch (cause) {
    // In FIPS mode, for instance.
    throw refused("this runtime has no MD5: give the user a password for scram-sha-256", cause);
  }
}
