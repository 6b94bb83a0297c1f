// A throw-away certificate authority and one server certificate (RFC 5280, ECDSA P-256), in just enough DER for that.
// Node signs; nothing here is meant for certificates that must outlive a run.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const DAY = 86_400_000;
const OID = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  subjectKeyIdentifier: [0x55, 0x1d, 0x0e],
  keyUsage: [0x55, 0x1d, 0x0f],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  authorityKeyIdentifier: [0x55, 0x1d, 0x23],
  extKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
  clientAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
} as const;

/** A new authority, and a certificate of it for `hostname`, 127.0.0.1 and ::1, good for both sides. Valid for thirty days. */
export function makeCertificates(hostname = "localhost"): Certificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = name(`Landline throw-away CA ${randomBytes(4).toString("hex")}`);
  const authorityId = keyId(authority.publicKey);
  const ca = certificate(issuer, issuer, authority.publicKey, authority.privateKey, [
    extension(OID.basicConstraints, sequence(boolean(true)), true),
    extension(OID.keyUsage, bits(0x06, 1), true), // keyCertSign, cRLSign
    extension(OID.subjectKeyIdentifier, octets(authorityId)),
  ]);
  const cert = certificate(issuer, name(hostname), server.publicKey, authority.privateKey, [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, bits(0x80, 7), true), // digitalSignature
    extension(OID.extKeyUsage, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(
      OID.subjectAltName,
      sequence(
        tlv(0x82, Buffer.from(hostname)),
        tlv(0x87, Buffer.from([127, 0, 0, 1])),
        tlv(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
      ),
    ),
    extension(OID.subjectKeyIdentifier, octets(keyId(server.publicKey))),
    extension(OID.authorityKeyIdentifier, sequence(tlv(0x80, authorityId))),
  ]);
  return { ca, cert, key: server.privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

function certificate(
  issuer: Buffer,
  subject: Buffer,
  publicKey: KeyObject,
  signer: KeyObject,
  extensions: Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const serial = Buffer.concat([Buffer.from([0x4c]), randomBytes(15)]); // the first byte makes it positive
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, serial),
    algorithm,
    issuer,
    sequence(utcTime(Date.now() - DAY), utcTime(Date.now() + 30 * DAY)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, signer)])));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  let head = [tag, length];
  if (length > 0xff) head = [tag, 0x82, length >> 8, length & 0xff];
  else if (length > 0x7f) head = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(head), value]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function oid(bytes: readonly number[]): Buffer {
  return tlv(0x06, Buffer.from(bytes));
}

function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.from([value ? 0xff : 0]));
}

function octets(value: Buffer): Buffer {
  return tlv(0x04, value);
}

function bits(value: number, unused: number): Buffer {
  return tlv(0x03, Buffer.from([unused, value]));
}

function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(OID.commonName), tlv(0x0c, Buffer.from(commonName)))));
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, "");
  return tlv(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function extension(id: readonly number[], value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);
}
