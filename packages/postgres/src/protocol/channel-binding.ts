// tls-server-end-point (RFC 5929 section 4): the hash of the server's certificate, by which SCRAM-SHA-256-PLUS proves that
// nobody sits in the middle. Finds the one field of the certificate (RFC 5280, DER) that says which hash that is.

import { broken, refused } from "./refusals.ts";

/** The last two bytes of an OID of PKCS #1 or of ECDSA, and the hash; MD5 and SHA-1 are to be taken for SHA-256. */
const HASHES: Readonly<Record<string, string>> = {
  "1.4": "SHA-256",
  "1.5": "SHA-256",
  "1.11": "SHA-256",
  "1.12": "SHA-384",
  "1.13": "SHA-512",
  "4.1": "SHA-256",
  "3.2": "SHA-256",
  "3.3": "SHA-384",
  "3.4": "SHA-512",
};
const SEQUENCE = 0x30;
const OID = 0x06;

/** The channel binding data of a certificate in DER. @throws LandlineError when it is signed in a way that has no such hash. */
export async function tlsServerEndPoint(certificate: Uint8Array): Promise<Uint8Array> {
  const [body] = content(certificate, 0, SEQUENCE);
  const [, afterSigned] = content(certificate, body, SEQUENCE);
  const [algorithm] = content(certificate, afterSigned, SEQUENCE);
  const [, end] = content(certificate, algorithm, OID);
  const hash = HASHES[certificate.subarray(end - 2, end).join(".")];
  if (hash === undefined)
    throw refused(
      "the server's certificate is signed in a way that has no channel binding: remove channel_binding=require",
    );
  return new Uint8Array(await crypto.subtle.digest(hash, new Uint8Array(certificate)));
}

/** Where the content of the element at `at` begins and ends. */
function content(der: Uint8Array, at: number, tag: number): readonly [start: number, end: number] {
  const first = der[at + 1] ?? 0;
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  let length = lengthBytes === 0 ? first : 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (der[at + 2 + index] ?? 0);
  const start = at + 2 + lengthBytes;
  if (der[at] !== tag || start + length > der.length) throw broken("the server's certificate is malformed");
  return [start, start + length];
}
