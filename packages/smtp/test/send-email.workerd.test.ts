// Messages by Cloudflare's send_email binding, as miniflare has it: it parses what it is given, and refuses what the
// binding's configuration does not allow.

import { EmailMessage } from "cloudflare:email";
import { env } from "cloudflare:workers";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { sendEmail } from "../src/adapters/send-email.ts";
import type { Message } from "../src/index.ts";

const MESSAGE: Message = {
  from: "Shop <app@shop.example>",
  to: ["ann@a.example", "bob@b.example"],
  bcc: "archive@shop.example",
  subject: "Grüße 🎉",
  text: "Привет",
  html: '<img src="cid:logo">',
};

test("one message for each recipient, with nothing of bcc in it, also from a stream that is read once", async () => {
  const texts: Promise<string>[] = [];
  const sent: [from: string, to: string][] = [];
  class Recorded extends EmailMessage {
    constructor(from: string, to: string, raw: ReadableStream) {
      const [mine, theirs] = raw.tee();
      super(from, to, theirs);
      texts.push(new Response(mine).text());
    }
  }
  const recording = {
    async send(message: Recorded): Promise<void> {
      await env.EMAIL.send(message);
      sent.push([message.from, message.to]);
    },
  };
  const stream = new Blob([new Uint8Array(100_000).fill(7)]).stream();
  const receipt = await sendEmail(recording, Recorded).send({
    ...MESSAGE,
    attachments: [{ cid: "logo", content: stream, filename: "logo.png" }],
  });
  expect(receipt).toMatchObject({ accepted: ["ann@a.example", "bob@b.example", "archive@shop.example"], rejected: [] });
  expect(sent).toEqual(receipt.accepted.map((to) => ["app@shop.example", to]));
  const [first, ...others] = await Promise.all(texts);
  expect(others).toEqual([first, first]);
  for (const raw of [first ?? ""]) {
    expect(raw).not.toContain("archive@");
    const parsed = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
    expect(parsed).toMatchObject({ subject: "Grüße 🎉", messageId: receipt.messageId });
    expect(new Uint8Array(parsed.attachments[0]?.content as ArrayBuffer)).toEqual(new Uint8Array(100_000).fill(7));
  }
});

test("what the binding refuses is told, with its own error", async () => {
  const error: unknown = await sendEmail(env.EMAIL, EmailMessage)
    .send({ ...MESSAGE, from: "stranger@shop.example" })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "SEND_EMAIL_FAILED", outcome: "unknown", cause: expect.any(Error) });
});

test("one recipient that the binding refuses does not cost the others their mail", async () => {
  const reason = new Error("not allowed");
  const picky = {
    send: (message: EmailMessage) =>
      message.to === "bob@b.example" ? Promise.reject(reason) : env.EMAIL.send(message),
  };
  expect(await sendEmail(picky, EmailMessage).send(MESSAGE)).toMatchObject({
    accepted: ["ann@a.example", "archive@shop.example"],
    rejected: [{ address: "bob@b.example", error: reason }],
  });
});

test.each<[what: string, message: Message]>([
  ["reports", { ...MESSAGE, dsn: { notify: "never" } }],
  ["TLS on the whole way", { ...MESSAGE, requireTls: true }],
  ["a header that would end early", { ...MESSAGE, subject: "x\r\nBcc: evil@z.example" }],
])("%s are refused before the binding is called", async (_what, message) => {
  const never = { send: () => Promise.reject(new Error("called")) };
  await expect(sendEmail(never, EmailMessage).send(message)).rejects.toBeInstanceOf(TypeError);
});
