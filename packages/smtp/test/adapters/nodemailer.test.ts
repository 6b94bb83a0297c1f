// nodemailer on our transport.

import type { ReceivedMail } from "@landline/services";
import { createTransport } from "nodemailer";
import PostalMime from "postal-mime";
import { afterAll, expect, inject, test } from "vitest";
import { landline } from "../../src/adapters/nodemailer.ts";
import { smtp } from "../../src/index.ts";

const { url, mailUrl } = inject("services").smtp;
const transporter = createTransport(landline(smtp(url)) as never);
afterAll(() => transporter.close());

async function received(to: string): Promise<ReceivedMail[]> {
  return (await fetch(`${mailUrl}?to=${encodeURIComponent(to)}`)).json() as Promise<ReceivedMail[]>;
}

const unique = (name: string): string => `${name}-${crypto.randomUUID()}@b.example`;

test("sends what nodemailer composes", async () => {
  const [to, bcc] = [unique("ann"), unique("hidden")];
  const info = (await transporter.sendMail({
    from: '"Jürgen" <sender@a.example>',
    to: `Ann <${to}>`,
    bcc,
    subject: "Grüße 🎉",
    text: "plain\n.\n..\nend",
    html: "<p>html</p>",
    attachments: [{ filename: "a.txt", content: "attached" }],
  })) as unknown as { messageId: string; accepted: string[]; rejected: string[]; response: string; envelope: unknown };
  expect(info).toMatchObject({
    accepted: [to, bcc],
    rejected: [],
    response: expect.stringMatching(/^250 /),
    envelope: { from: "sender@a.example", to: [to, bcc] },
  });
  const [one, ...more] = await received(to);
  expect(more).toEqual([]);
  expect(one?.raw).not.toContain(bcc);
  const mail = await PostalMime.parse(one?.raw ?? "");
  expect(mail).toMatchObject({ subject: "Grüße 🎉", messageId: info.messageId, from: { name: "Jürgen" } });
  expect(mail.text?.replaceAll("\r\n", "\n")).toBe("plain\n.\n..\nend\n");
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(["a.txt"]);
});

test("tells who was refused, and fails when all were", async () => {
  const [to, refused] = [unique("ann"), unique("refused")];
  const info = (await transporter.sendMail({ from: "a@a.example", to: [to, refused], text: "x" })) as unknown as {
    rejected: string[];
    rejectedErrors: { responseCode: number; recipient: string }[];
  };
  expect(info.rejected).toEqual([refused]);
  expect(info.rejectedErrors).toMatchObject([{ responseCode: 550, recipient: refused }]);
  await expect(transporter.sendMail({ from: "a@a.example", to: refused, text: "x" })).rejects.toMatchObject({
    code: "EENVELOPE",
    responseCode: 550,
  });
});

test("takes callbacks, and verifies", async () => {
  const to = unique("ann");
  const info = await new Promise<{ accepted: string[] }>((resolve, reject) => {
    transporter.sendMail({ from: "a@a.example", to, text: "x" }, (error, sent) =>
      error === null ? resolve(sent as never) : reject(error),
    );
  });
  expect(info.accepted).toEqual([to]);
  expect(await transporter.verify()).toBe(true);
  const wrong = createTransport(landline(smtp(url.replace(/:[^:@]+@/, ":wrong@"))) as never);
  await expect(wrong.verify()).rejects.toMatchObject({ code: "EAUTH" });
  wrong.close();
});

test("a message that cannot be sent is told before anything is", async () => {
  await expect(transporter.sendMail({ from: "a@a.example", to: "", text: "x" })).rejects.toThrow(/recipient/i);
});
