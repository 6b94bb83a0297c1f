// Private keys for DKIM: RSA (PKCS#8 or PKCS#1) and Ed25519 (PKCS#8), PEM, or keys that WebCrypto holds already.

/** A `CryptoKey` that signs, by its shape: no runtime's types are needed to name it. */
export interface PrivateKey {
  readonly type: string;
  readonly algorithm: { readonly name: string };
}

/** A key and the algorithm of RFC 6376 or RFC 8463 that it signs by. */
export interface SigningKey {
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly key: Parameters<typeof crypto.subtle.sign>[1];
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PEM = /-----BEGIN (RSA )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END (?:RSA )?PRIVATE KEY-----/;
/** AlgorithmIdentifier of rsaEncryption, with version 0 before it, as PKCS#8 has them. */
const PKCS8_RSA = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/** id-Ed25519 (RFC 8410). */
const ED25519_OID = "2b6570";

/** @throws TypeError for what is no such key; its message holds nothing of it. */
export async function importKey(given: string | PrivateKey): Promise<SigningKey> {
  if (typeof given !== "string") {
    const isRsa = given.algorithm.name === RSA.name;
    return { algorithm: isRsa ? "rsa-sha256" : "ed25519-sha256", key: given as SigningKey["key"] };
  }
  const [, pkcs1, body = ""] = PEM.exec(given) ?? [];
  try {
    const der = Uint8Array.from(atob(body.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
    const info = pkcs1 === undefined ? der : sequence([...PKCS8_RSA, ...tagged(0x04, der)]);
    const isEd25519 = Array.from(info.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .includes(ED25519_OID);
    const algorithm = isEd25519 ? "ed25519-sha256" : "rsa-sha256";
    const key = await crypto.subtle.importKey("pkcs8", info, isEd25519 ? { name: "Ed25519" } : RSA, false, ["sign"]);
    return { algorithm, key };
  } catch {
    throw new TypeError(
      "privateKey must be an RSA or Ed25519 key in PEM (BEGIN PRIVATE KEY), or a CryptoKey that signs",
    );
  }
}

/** @throws what WebCrypto throws. */
export async function signWith({ algorithm, key }: SigningKey, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (algorithm === "rsa-sha256") return new Uint8Array(await crypto.subtle.sign(RSA.name, key, data));
  // RFC 8463 3: what is signed is the digest.
  const digest = await crypto.subtle.digest("SHA-256", data);
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, digest));
}

function sequence(content: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(tagged(0x30, content));
}

/** DER: tag, length, content. */
function tagged(tag: number, content: ArrayLike<number>): number[] {
  const { length } = content;
  return [tag, 0x82, length >> 8, length & 0xff, ...Array.from(content)];
}
