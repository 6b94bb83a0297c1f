// Signatures as WebCrypto and the rules of RFC 6376 see them. What an independent verifier says: test/dkim.node.test.ts.

import { expect, test } from "vitest";
import { compose } from "../message/compose.ts";
import type { Composed } from "../message/compose.ts";
import type { Message } from "../message/message.ts";
import { dkim } from "./sign.ts";

const CIRCUMSTANCES = { now: () => new Date("2026-02-03T04:05:06Z"), random: (bytes: number) => new Uint8Array(bytes) };
const MESSAGE: Message = { from: "a@a.example", to: "b@b.example", subject: "Hi", text: "hello" };
const keys = async () => {
  const ed = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as {
    privateKey: never;
    publicKey: never;
  };
  return [{ selector: "ed", privateKey: ed.privateKey }];
};

async function textOf({ body, size }: Composed): Promise<string> {
  let text = "";
  for await (const piece of body) text += new TextDecoder().decode(piece);
  if (size !== undefined) expect(text.length).toBe(size);
  return text;
}

test("a signature stands before the message, in lines of its own, and counts in its size", async () => {
  const composed = compose(MESSAGE, CIRCUMSTANCES);
  const signed = await dkim({ domain: "A.example", keys: await keys(), headers: ["X-Mine"] })(composed);
  const text = await textOf(signed);
  expect(text.endsWith(await textOf(composed))).toBe(true);
  expect(text).toMatch(
    /^DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed\/relaxed; d=a\.example;\r\n s=ed;\r\n h=from:from:/,
  );
  // "hello" and its line end.
  expect(text).toContain(" bh=zS7KNTV0HyeorkDDGwxB1AV6enuRKzO5rthkhdHIRnY=;\r\n");
  for (const line of text.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
  expect(Array.isArray(signed.body)).toBe(true);
});

test("what can be read only once cannot be signed, and nothing of it is read", async () => {
  let read = false;
  const content = (async function* () {
    read = true;
    yield new Uint8Array(1);
  })();
  const sign = dkim({ domain: "a.example", keys: await keys() });
  await expect(sign(compose({ ...MESSAGE, attachments: [{ content }] }, CIRCUMSTANCES))).rejects.toThrow(/only once/);
  expect(read).toBe(false);
  await sign(compose({ ...MESSAGE, attachments: [{ content: () => new Blob(["x"]).stream() }] }, CIRCUMSTANCES));
});

test.each<[why: string, options: object]>([
  ["a domain that is none", { domain: "a.example; d=b.example" }],
  ["a selector that is none", { domain: "a.example", keys: [{ selector: "s;\r\nX: y", privateKey: "" }] }],
  ["no key", { domain: "a.example", keys: [] }],
  ["a field that is none", { domain: "a.example", headers: ["X:\r\nY"] }],
])("refuses %s", async (_why, options) => {
  const good = await keys();
  expect(() => dkim({ domain: "a.example", keys: good, ...options })).toThrow(TypeError);
});

test("a key that is none is refused without being shown", async () => {
  for (const privateKey of ["secret", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"]) {
    const sign = dkim({ domain: "a.example", keys: [{ selector: "s", privateKey }] });
    const error = await sign(compose(MESSAGE, CIRCUMSTANCES)).catch((thrown: unknown) => thrown as Error);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).not.toMatch(/secret|c2Vj/);
  }
});
