// What mailauth, a verifier by other hands, says of our signatures.

import { generateKeyPairSync } from "node:crypto";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { expect, test } from "vitest";
import { dkim } from "../src/dkim/index.ts";
import { smtp } from "../src/index.ts";
import { compose } from "../src/message/index.ts";
import type { Composed, Message } from "../src/message/index.ts";
import { scriptedServer } from "./scripted-server.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed = generateKeyPairSync("ed25519");
const pem = (key: typeof rsa.privateKey, type: "pkcs8" | "pkcs1" = "pkcs8"): string =>
  key.export({ format: "pem", type }).toString();
const spki = (key: typeof rsa.publicKey): Buffer => key.export({ format: "der", type: "spki" });

const RECORDS: Readonly<Record<string, string>> = {
  "rsa._domainkey.a.example": `v=DKIM1; k=rsa; p=${spki(rsa.publicKey).toString("base64")}`,
  "ed._domainkey.a.example": `v=DKIM1; k=ed25519; p=${spki(ed.publicKey).subarray(-32).toString("base64")}`,
};
const resolver = (name: string): Promise<string[][]> => {
  const record = RECORDS[name];
  return record === undefined
    ? Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" }))
    : Promise.resolve([[record]]);
};
const both = dkim({
  domain: "a.example",
  keys: [
    { selector: "rsa", privateKey: pem(rsa.privateKey) },
    { selector: "ed", privateKey: pem(ed.privateKey) },
  ],
});
const CIRCUMSTANCES = {
  now: () => new Date(),
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
};

async function bytesOf({ body }: Composed): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

async function verdicts(message: Buffer): Promise<[selector: string, result: string][]> {
  const { results } = await dkimVerify(message, { resolver });
  return results.map(({ selector, status }) => [selector ?? "", status.result]);
}

const GOOD = [
  ["rsa", "pass"],
  ["ed", "pass"],
];
const MESSAGE: Message = {
  from: "Jürgen <x@a.example>",
  to: "b@b.example",
  subject: "Grüße  und  mehr ",
  text: "hello  world \n\n\n",
};

test.each<[what: string, message: Message]>([
  ["text", MESSAGE],
  ["nothing", { ...MESSAGE, text: "" }],
  ["empty lines", { ...MESSAGE, text: "\n\n" }],
  [
    "many recipients and a list",
    {
      ...MESSAGE,
      to: Array.from({ length: 40 }, (_, n) => `User ${n} <u${n}@b.example>`),
      list: { unsubscribe: "https://a.example/u", unsubscribePost: true },
    },
  ],
  [
    "HTML and a large file",
    {
      ...MESSAGE,
      html: "<p>ü</p>",
      attachments: [{ filename: "a.bin", content: new Uint8Array(300_000).map((_, n) => n) }],
    },
  ],
  [
    "a stream that can be opened anew",
    { ...MESSAGE, attachments: [{ content: () => new Blob(["x".repeat(200_000)]).stream() }] },
  ],
  [
    "a raw message",
    {
      raw: "From: x@a.example\nSubject:   folded\n\tonce\nSubject: twice\n\n.a  \n\n b\t \n\n",
      envelope: { from: "x@a.example", to: "b@b.example" },
    },
  ],
  [
    "a raw message from a stream",
    {
      raw: () => new Blob(["From: x@a.example\n", "\nbody\n\n"]).stream(),
      envelope: { from: "x@a.example", to: "b@b.example" },
    },
  ],
  ["a raw message without body", { raw: "From: x@a.example", envelope: { from: "x@a.example", to: "b@b.example" } }],
])("both signatures of %s are good", async (_what, message) => {
  expect(await verdicts(await bytesOf(await both(compose(message, CIRCUMSTANCES))))).toEqual(GOOD);
});

test("a key in PKCS#1, and a key that WebCrypto holds", async () => {
  const composed = compose(MESSAGE, CIRCUMSTANCES);
  const der = rsa.privateKey.export({ format: "der", type: "pkcs8" });
  const held = await crypto.subtle.importKey("pkcs8", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, [
    "sign",
  ]);
  for (const privateKey of [pem(rsa.privateKey, "pkcs1"), held]) {
    const sign = dkim({ domain: "a.example", keys: [{ selector: "rsa", privateKey }] });
    expect(await verdicts(await bytesOf(await sign(composed)))).toEqual([["rsa", "pass"]]);
  }
});

test.each<[what: string, change: (message: string) => string]>([
  ["the body", (message) => message.replace("hello", "hallo")],
  ["the subject", (message) => message.replace("Subject: ", "Subject: x")],
  ["a second From", (message) => `From: evil@z.example\r\n${message}`],
  ["a second Subject", (message) => message.replace("Subject:", "Subject: first\r\nSubject:")],
  ["a Reply-To", (message) => `Reply-To: evil@z.example\r\n${message}`],
])("a change of %s breaks both", async (_what, change) => {
  const message = (await bytesOf(await both(compose(MESSAGE, CIRCUMSTANCES)))).toString("latin1");
  const changed = await verdicts(Buffer.from(change(message), "latin1"));
  expect(changed).toHaveLength(2);
  for (const [, result] of changed) expect(result).not.toBe("pass");
});

test.each([true, false])("what arrives over the wire verifies (chunks: %s)", async (chunking) => {
  const { connect, connections } = scriptedServer({ capabilities: ["PIPELINING", "SIZE", "CHUNKING"] });
  const mail = smtp({ hostname: "mx.example", tls: "off", connect, dkim: both, chunking });
  await mail.send({ ...MESSAGE, text: ".\n..\nx" });
  const [{ messages, commands }] = connections as [(typeof connections)[0]];
  const arrived = chunking ? (messages[0] as string) : (messages[0] as string).replace(/^\./gm, "");
  expect(await verdicts(Buffer.from(arrived))).toEqual(GOOD);
  const declared = Number(/SIZE=(\d+)/.exec(commands.join(" "))?.[1]);
  expect(Buffer.byteLength(arrived)).toBe(declared);
  await mail.end();
});

test("a signer that fails opens no connection", async () => {
  const { connect, connections } = scriptedServer({});
  const mail = smtp({
    hostname: "mx.example",
    tls: "off",
    connect,
    dkim: dkim({ domain: "a.example", keys: [{ selector: "s", privateKey: "none" }] }),
  });
  await expect(mail.send(MESSAGE)).rejects.toThrow(TypeError);
  expect(connections).toEqual([]);
});
