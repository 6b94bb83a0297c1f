import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCapabilities } from "../protocol/capabilities.ts";
import { hmacMd5, md5 } from "./md5.ts";
import { chooseMechanism, MECHANISM_NAMES } from "./mechanism.ts";
import type { Credentials, Login, SaslExchange } from "./mechanism.ts";

const utf8 = new TextEncoder();
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const shown = (text: string | undefined): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text ?? ""), (c) => c.charCodeAt(0)));

const PASSWORD: Credentials = { username: "user", password: "pencil" };
const TOKEN: Credentials = { username: "user", accessToken: "ya29.token" };

function start(name: string, login: Partial<Login>): SaslExchange {
  const credentials = name.endsWith("2") || name === "OAUTHBEARER" ? TOKEN : PASSWORD;
  const mechanism = chooseMechanism({ ...parseCapabilities([]), auth: [name] }, true, credentials);
  return mechanism.start({
    username: "user",
    secret: "pencil",
    hostname: "mx.example",
    port: 587,
    nonce: "abc",
    ...login,
  });
}

// RFC 1321 A.5, and lengths around the padding.
test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  [
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "57edf4a22be3c955ac49da2e2107b67a",
  ],
  ["x".repeat(55), "04364420e25c512fd958a70738aa8f72"],
  ["x".repeat(56), "668a72d5ba17f08e62dabcafad6db14b"],
  ["x".repeat(64), "c1bb4f81d892b2d57947682aeb252456"],
])("MD5 of %j", (text, digest) => expect(hex(md5(utf8.encode(text)))).toBe(digest));

// RFC 2202 section 2.
test.each([
  [new Uint8Array(16).fill(0x0b), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"],
  [utf8.encode("Jefe"), "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"],
  [
    new Uint8Array(80).fill(0xaa),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
  ],
])("HMAC-MD5", (key, text, digest) => expect(hex(hmacMd5(key, utf8.encode(text)))).toBe(digest));

test("CRAM-MD5, the example of RFC 2195", async () => {
  const exchange = start("CRAM-MD5", { username: "tim", secret: "tanstaaftanstaaf" });
  expect(exchange.initial).toBeUndefined();
  const answer = await exchange.respond(btoa("<1896.697170952@postoffice.reston.mci.net>"));
  expect(shown(answer)).toBe("tim b913a602c7eda7a495b4e6e7334d3890");
  expect(await exchange.respond("")).toBeUndefined();
});

const SCRAM = {
  "SCRAM-SHA-256": {
    nonce: "rOprNGfwEbeRWgbNEkqO",
    first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    signature: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
  "SCRAM-SHA-1": {
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    signature: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
};

test.each(Object.entries(SCRAM))("%s, the example of its RFC", async (name, { nonce, first, final, signature }) => {
  for (const early of [true, false]) {
    const exchange = start(name, { nonce });
    expect(shown(exchange.initial)).toBe(`n,,n=user,r=${nonce}`);
    if (!early) expect(await exchange.respond("")).toBe(exchange.initial);
    expect(shown(await exchange.respond(btoa(first)))).toBe(final);
    expect(() => exchange.finish?.()).toThrow(ProtocolError);
    expect(await exchange.respond(btoa(signature))).toBe("");
    exchange.finish?.();
    expect(await exchange.respond(btoa(signature))).toBeUndefined();
  }
});

test.each([
  ["a nonce that is not ours", "r=XXXprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["our nonce alone", "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["too few iterations", "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095"],
  ["too many iterations", "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=600001"],
  ["iterations beyond all numbers", "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999"],
  ["a mandatory extension", "m=x,r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
  ["no salt", "r=rOprNGfwEbeRWgbNEkqO1,s=,i=4096"],
  ["a server's error", "e=other-error"],
])("SCRAM refuses %s", async (_why, first) => {
  const exchange = start("SCRAM-SHA-256", { nonce: SCRAM["SCRAM-SHA-256"].nonce });
  await expect((async () => exchange.respond(btoa(first)))()).rejects.toThrow(ProtocolError);
});

test.each([
  "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  "v=",
  "",
  "e=invalid-proof",
  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95H4=",
])("SCRAM refuses the signature %j", async (signature) => {
  const { nonce, first } = SCRAM["SCRAM-SHA-256"];
  const exchange = start("SCRAM-SHA-256", { nonce });
  await exchange.respond(btoa(first));
  await expect((async () => exchange.respond(btoa(signature)))()).rejects.toThrow(ProtocolError);
  expect(() => exchange.finish?.()).toThrow(ProtocolError);
});

test("a challenge that is not base64 is an error", async () => {
  for (const name of ["CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"]) {
    await expect((async () => start(name, {}).respond("!"))()).rejects.toThrow(ProtocolError);
  }
});

test("a name with a comma or an equals sign stays one name", () => {
  expect(shown(start("SCRAM-SHA-256", { username: "a,b=c" }).initial)).toBe("n,,n=a=2Cb=3Dc,r=abc");
  expect(shown(start("OAUTHBEARER", { username: "a,b=c", secret: "t" }).initial)).toMatch(/^n,a=a=2Cb=3Dc,\u0001/);
});

test("access tokens, as RFC 7628 and Gmail write them", async () => {
  const standard = start("OAUTHBEARER", {
    username: "user@example.com",
    secret: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
  });
  expect(shown(standard.initial)).toBe(
    "n,a=user@example.com,\u0001host=mx.example\u0001port=587\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001",
  );
  expect(await standard.respond(btoa('{"status":"invalid_token"}'))).toBe("AQ==");
  const older = start("XOAUTH2", {
    username: "someuser@example.com",
    secret: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
  });
  expect(older.initial).toBe(
    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
  );
  expect(await older.respond("")).toBe(older.initial);
  expect(await older.respond(btoa('{"status":"401"}'))).toBe("");
  expect(() => start("XOAUTH2", { secret: "a\u0001b" })).toThrow(TypeError);
  expect(() => start("OAUTHBEARER", { secret: "" })).toThrow(TypeError);
});

test.each<[offered: string[], secure: boolean, credentials: Credentials, chosen: string | RegExp]>([
  [["LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"], true, PASSWORD, "SCRAM-SHA-256"],
  [["LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1"], true, PASSWORD, "SCRAM-SHA-1"],
  [["LOGIN", "PLAIN", "CRAM-MD5"], true, PASSWORD, "PLAIN"],
  [["LOGIN", "CRAM-MD5"], true, PASSWORD, "LOGIN"],
  [["LOGIN", "PLAIN", "CRAM-MD5"], false, PASSWORD, "CRAM-MD5"],
  [["SCRAM-SHA-1", "CRAM-MD5"], false, PASSWORD, "SCRAM-SHA-1"],
  [["LOGIN", "PLAIN"], false, PASSWORD, /no TLS/],
  [["XOAUTH2", "OAUTHBEARER", "PLAIN"], false, TOKEN, /no TLS/],
  [["XOAUTH2", "OAUTHBEARER", "PLAIN"], true, TOKEN, "OAUTHBEARER"],
  [["PLAIN", "XOAUTH2"], true, TOKEN, "XOAUTH2"],
  [["XOAUTH2"], true, PASSWORD, /offers only XOAUTH2; with these credentials it would take SCRAM/],
  [["PLAIN"], true, TOKEN, /offers only PLAIN; .*OAUTHBEARER, XOAUTH2$/],
  [["SCRAM-SHA-256", "PLAIN"], true, { ...PASSWORD, method: "PLAIN" }, "PLAIN"],
  [["SCRAM-SHA-256", "PLAIN"], true, { ...PASSWORD, method: "CRAM-MD5" }, /would take CRAM-MD5$/],
  [[], false, PASSWORD, /does not offer authentication without TLS/],
])("offered %j, TLS %s", (auth, secure, credentials, chosen) => {
  const choose = () => chooseMechanism({ ...parseCapabilities([]), auth }, secure, credentials).name;
  if (typeof chosen === "string") expect(choose()).toBe(chosen);
  else expect(choose).toThrow(chosen);
});

test("whatever a server asks, an exchange ends", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...MECHANISM_NAMES),
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => btoa(encodeURIComponent(text))),
        ),
        { maxLength: 4 },
      ),
      async (name, challenges) => {
        const exchange = start(name, {});
        try {
          for (const challenge of challenges) if ((await exchange.respond(challenge)) === undefined) break;
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      },
    ),
  );
});
