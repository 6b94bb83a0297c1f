// Certificates that are none, and ones that are signed in a way without a hash. Real ones: test/connect.test.ts.

import { LandlineError, ProtocolError } from "@landline/core";
import { expect, test } from "vitest";
import { tlsServerEndPoint } from "./channel-binding.ts";

/** A certificate as far as it is looked at: what is signed, and by an algorithm whose OID ends so. */
function certificate(...oid: number[]): Uint8Array {
  const signed = [0x30, 0x81, 0x80, ...Array.from({ length: 0x80 }, () => 0)];
  const algorithm = [0x30, oid.length + 2, 0x06, oid.length, ...oid];
  const body = [...signed, ...algorithm];
  return Uint8Array.from([0x30, 0x82, 0, body.length, ...body]);
}

test.each([
  ["SHA-1, taken for SHA-256", [0x2a, 0x86, 0x48, 1, 5], 32],
  ["SHA-256", [0x2a, 0x86, 0x48, 1, 11], 32],
  ["SHA-384", [0x2a, 0x86, 0x48, 4, 3, 3], 48],
  ["SHA-512", [0x2a, 0x86, 0x48, 1, 13], 64],
])("signed by %s", async (_name, oid, length) => {
  expect(await tlsServerEndPoint(certificate(...oid))).toHaveLength(length);
});

test("signed by an algorithm without a hash", async () => {
  await expect(tlsServerEndPoint(certificate(0x2b, 101, 112))).rejects.toBeInstanceOf(LandlineError);
});

test("cut anywhere, it is malformed", async () => {
  const whole = certificate(0x2a, 0x86, 0x48, 1, 11);
  for (let length = 0; length < whole.length; length++) {
    await expect(tlsServerEndPoint(whole.subarray(0, length))).rejects.toBeInstanceOf(ProtocolError);
  }
});
