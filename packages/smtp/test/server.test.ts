// Against a real mail server over real sockets and real TLS; the same on Node and in workerd.

import type { ReceivedMail } from "@landline/services";
import type {} from "@landline/services/vitest";
import PostalMime from "postal-mime";
import { expect, inject, test } from "vitest";
import { smtp, SmtpError } from "../src/index.ts";

const services = inject("services");
const server = services.smtp;

async function received(to: string): Promise<ReceivedMail[]> {
  const url = new URL(server.mailUrl);
  url.searchParams.set("to", to);
  return (await fetch(url)).json() as Promise<ReceivedMail[]>;
}

const unique = (name: string): string => `${name}-${crypto.randomUUID()}@b.example`;

test.each([
  ["implicit TLS", server.url],
  ["STARTTLS", server.starttlsUrl],
])("a mail over %s, logged in, to several recipients of whom some are refused", async (_how, url) => {
  const to = unique("ann");
  const bcc = unique("hidden");
  const [refused, later] = [unique("refused"), unique("later")];
  await using mail = smtp(url);
  const receipt = await mail.send({
    from: "Jürgen <sender@a.example>",
    to: [`Ann <${to}>`, refused],
    cc: later,
    bcc,
    subject: "Grüße 🎉",
    text: "Привет\n.\n..\n.dot\n",
    html: "<p>Привет</p>",
    attachments: [{ filename: "dots.bin", content: new Uint8Array(300_000).fill(0x2e) }],
  });
  expect(receipt.accepted.map(({ address }) => address)).toEqual([to, bcc]);
  expect(receipt.accepted[0]?.code).toBe(250);
  expect(receipt.rejected).toMatchObject([
    { address: refused, code: 550 },
    { address: later, code: 450 },
  ]);
  expect(receipt.unknown).toEqual([]);

  const [one, ...more] = await received(to);
  expect(more).toEqual([]);
  expect(one).toMatchObject({ from: "sender@a.example", to: [to, bcc], secure: true, user: server.user.username });
  const { raw } = one as ReceivedMail;
  expect(raw).not.toContain(bcc);
  const parsed = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  expect(parsed.from).toMatchObject({ name: "Jürgen", address: "sender@a.example" });
  expect(parsed.subject).toBe("Grüße 🎉");
  expect(parsed.messageId).toBe(receipt.messageId);
  expect(parsed.text?.replaceAll("\r\n", "\n")).toBe("Привет\n.\n..\n.dot\n");
  expect(parsed.html?.trim()).toBe("<p>Привет</p>");
  expect(new Uint8Array(parsed.attachments[0]?.content as ArrayBuffer)).toEqual(new Uint8Array(300_000).fill(0x2e));
});

test("many mails at once share few connections, and each arrives once", async () => {
  const mail = smtp({ url: server.url, pool: { max: 2 } });
  const recipients = Array.from({ length: 20 }, (_, index) => unique(`many${index}`));
  await Promise.all(recipients.map((to) => mail.send({ from: "sender@a.example", to, subject: to, text: "." })));
  for (const to of recipients) expect((await received(to)).map(({ to: list }) => list)).toEqual([[to]]);
  await mail.end();
});

test("every recipient refused: nothing is sent, the connection stays in use", async () => {
  const mail = smtp({ url: server.starttlsUrl, pool: { max: 1 } });
  const [refused, later, good] = [unique("refused"), unique("later"), unique("good")];
  const error = await mail
    .send({ from: "sender@a.example", to: [refused, later], text: "x" })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SmtpError);
  // One of them may succeed later, and that is what counts.
  expect(error).toMatchObject({ code: "450", phase: "rcpt", outcome: "refused", permanent: false });
  expect((error as SmtpError).delivery?.rejected.map(({ code }) => code)).toEqual([550, 450]);
  await mail.send({ from: "sender@a.example", to: good, text: "x" });
  expect(await received(good)).toHaveLength(1);
  await mail.end();
});

test("verify() tells good settings from bad ones", async () => {
  await smtp(server.url).verify();
  await smtp(server.starttlsUrl).verify();
  const wrong = new URL(server.url);
  wrong.password = "wrong";
  const error = await smtp(wrong)
    .verify()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "SmtpError", code: "535", phase: "auth", outcome: "refused" });
});

test("CRAM-MD5 and an access token, right and wrong", async () => {
  const { username, password } = server.user;
  const base = { hostname: server.hostname, port: server.port, username };
  await smtp({ ...base, password, authMethod: "CRAM-MD5" }).verify();
  await smtp({ ...base, accessToken: async () => Promise.resolve(password) }).verify();
  for (const options of [{ password: "wrong", authMethod: "CRAM-MD5" }, { accessToken: "wrong" }]) {
    const error = await smtp({ ...base, ...options })
      .verify()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "SmtpError", phase: "auth", outcome: "refused" });
  }
});

test("implicit TLS on the STARTTLS port, and the other way round, say what is wrong", async () => {
  const base = { hostname: server.hostname, ...server.user, connectTimeout: 3_000 };
  const implicit = await smtp({ ...base, port: server.port, tls: "on" })
    .verify()
    .catch((thrown: unknown) => thrown);
  expect((implicit as Error).message).toContain("smtp://");
  const plain = await smtp({ ...base, port: server.tlsPort, tls: "starttls", connectTimeout: 300 })
    .verify()
    .catch((thrown: unknown) => thrown);
  expect(plain).toMatchObject({ outcome: "unsent" });
});

test("streams, inline parts and an invitation, through a real server", async () => {
  const to = unique("stream");
  const block = new Uint8Array(100_000).map((_, index) => index * 7);
  const blocks = (): ReadableStream<Uint8Array> => {
    let left = 20;
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(block);
        if (--left === 0) controller.close();
      },
    });
  };
  await using mail = smtp(server.url);
  await mail.send({
    from: "sender@a.example",
    to,
    html: '<img src="cid:logo">',
    icalEvent: { method: "REQUEST", content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" },
    attachments: [
      { filename: "once.bin", content: blocks() },
      { filename: "again.bin", content: blocks },
      { filename: "logo.png", cid: "logo", content: new Blob([block.slice(0, 500)], { type: "image/png" }) },
    ],
  });
  const [one] = await received(to);
  const parsed = await PostalMime.parse((one as ReceivedMail).raw, { attachmentEncoding: "arraybuffer" });
  const file = (name: string): number | undefined =>
    (parsed.attachments.find(({ filename }) => filename === name)?.content as ArrayBuffer | undefined)?.byteLength;
  expect([file("once.bin"), file("again.bin"), file("logo.png")]).toEqual([2_000_000, 2_000_000, 500]);
});

test("a raw message with an envelope of its own, bytes over 127, reports, and TLS on the whole way", async () => {
  const to = unique("raw");
  await using mail = smtp(server.url);
  const receipt = await mail.send({
    raw: `From: x@y.example\nTo: someone@else.example\nMessage-ID: <${to}>\nSubject: ä\n\n.first\n.\nlast`,
    envelope: { from: "", to },
    dsn: { id: "order+1", return: "headers", notify: ["failure"], recipient: "orig@b.example" },
    requireTls: true,
  });
  expect(receipt.messageId).toBe(`<${to}>`);
  const [one] = await received(to);
  expect(one).toMatchObject({ from: "", to: [to] });
  expect(one?.raw).toContain("Subject: ä\r\n\r\n.first\r\n.\r\nlast");
});

test("LMTP answers for each recipient", async () => {
  const [to, full, refused] = [unique("ann"), unique("full"), unique("refused")];
  await using mail = smtp(server.lmtpUrl);
  const receipt = await mail.send({ from: "sender@a.example", to: [to, full, refused], text: "x" });
  expect(receipt).toMatchObject({
    accepted: [{ address: to, code: 250 }],
    rejected: [
      { address: refused, code: 550 },
      { address: full, code: 452 },
    ],
    unknown: [],
  });
  expect(await received(to)).toHaveLength(1);
  expect(await received(full)).toEqual([]);
  const error = await mail.send({ from: "sender@a.example", to: full, text: "x" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "452",
    phase: "message",
    outcome: "refused",
    delivery: { rejected: [{ address: full }] },
  });
});

test("an international address over SMTPUTF8", async () => {
  const to = `пример-${crypto.randomUUID()}@b.example`;
  await using mail = smtp(server.url);
  await mail.send({ from: "sender@a.example", to, subject: "x", text: "x" });
  expect(await received(to)).toHaveLength(1);
});
