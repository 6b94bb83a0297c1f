// What a user tries first, on every runtime: those without vitest run this file as it is.

import { expect, inject, test } from "vitest";
import { smtp, SmtpError } from "../src/index.ts";

const { smtp: server } = inject("services");
const unique = (name: string): string => `${name}-${crypto.randomUUID()}@b.example`;

async function received(to: string): Promise<{ raw: string; secure: boolean }[]> {
  const url = new URL(server.mailUrl);
  url.searchParams.set("to", to);
  return (await fetch(url)).json() as Promise<{ raw: string; secure: boolean }[]>;
}

test.each([
  ["TLS", server.url],
  ["STARTTLS", server.starttlsUrl],
])("a mail with an attachment from a stream, logged in, over %s", async (_how, url) => {
  await using mail = smtp(url);
  const [to, refused] = [unique("ann"), unique("refused")];
  const content = new Blob([new Uint8Array(300_000).fill(0x2e)]).stream();
  const receipt = await mail.send({
    from: "Jürgen <sender@a.example>",
    to: [to, refused],
    subject: "Grüße 🎉",
    text: "Привет\n.\n",
    attachments: [{ filename: "naïve.bin", content }],
  });
  expect(receipt.accepted).toMatchObject([{ address: to, code: 250 }]);
  expect(receipt.rejected).toMatchObject([{ address: refused, code: 550 }]);
  const [one] = await received(to);
  expect(one?.secure).toBe(true);
  expect(one?.raw).toContain(receipt.messageId);
});

test("many mails at once", async () => {
  await using mail = smtp(server.url);
  const to = unique("many");
  const all = Array.from({ length: 20 }, (_, index) => mail.send({ from: "a@a.example", to, text: `${index}` }));
  expect(new Set((await Promise.all(all)).map(({ messageId }) => messageId)).size).toBe(20);
  expect(await received(to)).toHaveLength(20);
});

test("a wrong password, nobody there, and an abort", async () => {
  const wrong = new URL(server.url);
  wrong.password = "not-it";
  const refused: unknown = await smtp(wrong)
    .verify()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SmtpError);
  expect(refused).toMatchObject({ phase: "auth", outcome: "refused", permanent: true });
  await expect(smtp("smtps://localhost:1").verify()).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
  const reason = new Error("enough");
  await expect(smtp(server.url).verify({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a message that cannot be written is refused before anything is sent", async () => {
  await using mail = smtp(server.url);
  for (const bad of [{ to: "b@b.example>\r\nRCPT TO:<evil@z.example" }, { subject: "x\r\nBcc: evil@z.example" }])
    await expect(mail.send({ from: "a@a.example", to: "b@b.example", ...bad })).rejects.toBeInstanceOf(TypeError);
});
