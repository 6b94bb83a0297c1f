import fc from "fast-check";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { compose } from "./compose.ts";
import type { Circumstances } from "./compose.ts";
import type { Message } from "./message.ts";

const CIRCUMSTANCES: Circumstances = {
  now: () => new Date("2026-02-03T04:05:06Z"),
  random: (bytes) => new Uint8Array(bytes).fill(0xab),
};

function composed(message: Partial<Message>): string {
  const { body, size } = compose({ from: "a@a.example", to: "b@b.example", ...message }, CIRCUMSTANCES);
  const pieces = [...(body as Iterable<Uint8Array>)];
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  expect(size).toBe(bytes.length);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

const header = (raw: string): string => raw.slice(0, raw.indexOf("\r\n\r\n") + 2);

/** What holds for every message: CRLF line ends, no line over 76 where it can be helped, 7-bit. */
function checkShape(raw: string, longest = 78): void {
  expect(raw.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  expect(raw.endsWith("\r\n")).toBe(true);
  expect(raw).toMatch(/^[\x00-\x7f]*$/);
  for (const line of raw.split("\r\n")) expect(line.length).toBeLessThanOrEqual(longest);
  for (const line of header(raw).split("\r\n").slice(0, -1)) expect(line).toMatch(/^(?:[!-9;-~]+:|[ \t]+\S)/);
}

test("a plain message, byte for byte", () => {
  expect(
    composed({
      to: "Ann <b@b.example>",
      cc: "c@c.example",
      replyTo: "r@a.example",
      subject: "Hello",
      text: "Hi\n.\nBye",
    }),
  ).toBe(
    [
      "From: a@a.example",
      "Reply-To: r@a.example",
      "To: Ann <b@b.example>",
      "Cc: c@c.example",
      "Subject: Hello",
      "Date: Tue, 03 Feb 2026 04:05:06 +0000",
      `Message-ID: <${"ab".repeat(16)}@a.example>`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 7bit",
      "",
      "Hi",
      ".",
      "Bye",
      "",
    ].join("\r\n"),
  );
});

test("bcc is in the envelope and nowhere in the bytes; nobody is told twice", () => {
  const message: Message = {
    from: "a@a.example",
    to: ["b@b.example", "Bob <B@b.example>"],
    cc: "b@B.EXAMPLE",
    bcc: 'Secret <secret@z.example>, "hidden one"@z.example',
    text: "x",
  };
  const { envelope } = compose(message, CIRCUMSTANCES);
  expect(envelope).toEqual({
    from: "a@a.example",
    to: ["b@b.example", "B@b.example", "secret@z.example", '"hidden one"@z.example'],
  });
  expect(composed(message)).not.toMatch(/secret|hidden|bcc/i);
});

test("text, HTML and attachments, as an independent parser reads them", async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  const raw = composed({
    from: { name: "Jürgen Müller", address: "a@a.example" },
    to: [{ name: 'Ann "A" Other, Esq.', address: "b@b.example" }],
    subject: "Grüße 🎉 ".repeat(30),
    text: "Привет, мир!\nsecond line  \n",
    html: `<p>${"long ".repeat(300)}ünïcode</p>`,
    attachments: [
      { filename: 'a "b".bin', content: bytes, contentType: "image/png" },
      { filename: `отчёт ${"длинный ".repeat(12)}.txt`, content: "текст", contentType: "text/plain; charset=utf-8" },
    ],
  });
  checkShape(raw);
  const mail = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  expect(mail.from).toMatchObject({ name: "Jürgen Müller", address: "a@a.example" });
  expect(mail.to).toMatchObject([{ name: 'Ann "A" Other, Esq.', address: "b@b.example" }]);
  expect(mail.subject).toBe("Grüße 🎉 ".repeat(30));
  expect(mail.text?.trimEnd()).toBe("Привет, мир!\r\nsecond line");
  expect(mail.html?.trimEnd()).toBe(`<p>${"long ".repeat(300)}ünïcode</p>`);
  expect(mail.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toEqual([
    ['a "b".bin', "image/png"],
    [`отчёт ${"длинный ".repeat(12)}.txt`, "text/plain"],
  ]);
  expect(new Uint8Array(mail.attachments[0]?.content as ArrayBuffer)).toEqual(bytes);
  expect(new TextDecoder().decode(mail.attachments[1]?.content as ArrayBuffer)).toBe("текст");
});

test("any subject, name and text come back from an independent parser as they went in", async () => {
  const line = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(" ", "=?UTF-8?Q?x?=", ",", '"', "\\", "=", "_", "ü", "漢", "🙂", "a"),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }),
      ),
      maxLength: 120,
    })
    .map((text) =>
      text
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufeff]/gu, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((text) => text.isWellFormed());
  const body = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom("\r", "\n", "\r\n", ".", "=", " ", "\t", "é", "From "),
        fc.string({ unit: "grapheme", maxLength: 5 }),
      ),
      maxLength: 300,
    })
    .map((text) => text.replace(/[\0\ufeff]/g, ""))
    .filter((text) => text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(line, line, body, async (subject, name, text) => {
      const raw = composed({ subject, to: { name, address: "b@b.example" }, text });
      checkShape(raw, 120);
      const mail = await PostalMime.parse(raw);
      expect(mail.subject ?? "").toBe(subject);
      expect(mail.to).toMatchObject([{ name, address: "b@b.example" }]);
      const normal = (value: string): string => value.replace(/\r\n|\r|\n/g, "\n").replace(/\n+$/, "");
      expect(normal(mail.text ?? "")).toBe(normal(text));
    }),
    { numRuns: 300 },
  );
});

test("long lists and long subjects are folded", () => {
  const to = Array.from({ length: 60 }, (_, index) => `User ${index} <user${index}@b.example>`);
  const raw = composed({ to, subject: "word ".repeat(400).trim(), text: `${"x".repeat(5000)}\n` });
  checkShape(raw);
  expect(raw).toContain("quoted-printable");
});

test.each<[what: string, message: Partial<Message>]>([
  ["a subject of blanks", { subject: `a${" ".repeat(2000)}b` }],
  ["a word without end", { subject: "x".repeat(3000) }],
  ["a name without end", { to: { name: "x".repeat(3000), address: "b@b.example" } }],
])("%s is folded by encoding it", async (_what, message) => {
  const raw = composed({ to: { name: "y", address: "b@b.example" }, subject: "y", ...message });
  checkShape(raw);
  const { subject, to } = await PostalMime.parse(raw);
  expect({ subject, to }).toMatchObject({
    subject: "y",
    to: [{ name: "y" }],
    ...message,
    ...(message.to === undefined ? {} : { to: [message.to] }),
  });
});

test("a long word of another header is kept up to the limit of a line, and encoded beyond", () => {
  expect(composed({ headers: { "X-Data": "x".repeat(900) } })).toContain(`X-Data: ${"x".repeat(900)}\r\n`);
  checkShape(composed({ headers: { "X-Data": "x".repeat(3000) } }));
});

test("every line of encoded words keeps to 76 characters, every word to 75", () => {
  const raw = header(
    composed({ subject: "ä".repeat(200), headers: { "X-A-Rather-Long-Name-For-A-Header": "漢字".repeat(90) } }),
  );
  for (const line of raw.split("\r\n")) expect(line.length).toBeLessThanOrEqual(76);
  const words = raw.match(/=\?UTF-8\?[QB]\?[^?]*\?=/g) ?? [];
  expect(words.length).toBeGreaterThan(5);
  for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
});

test("an address outside of ASCII asks for SMTPUTF8; a name or a domain does not", () => {
  const of = (to: string) => compose({ from: "a@a.example", to, text: "" }, CIRCUMSTANCES);
  expect(of("пример@b.example").smtpUtf8).toBe(true);
  expect(of("Зоя <z@bücher.example>").smtpUtf8).toBe(false);
  expect(of("Зоя <z@bücher.example>").envelope.to).toEqual(["z@xn--bcher-kva.example"]);
});

test.each<[why: string, message: unknown]>([
  ["no recipient", { to: undefined }],
  ["an empty list", { to: [] }],
  ["two senders", { from: "a@a.example, b@b.example" }],
  ["no sender", { from: undefined }],
  ["CRLF in the subject", { subject: "hi\r\nX-Injected: yes" }],
  ["a bare CR in the subject", { subject: "hi\rX-Injected: yes" }],
  ["NUL in the subject", { subject: "hi\0" }],
  ["a lone surrogate in the subject", { subject: "\ud800" }],
  ["CRLF in a recipient", { to: "b@y.example>\r\nRCPT TO:<evil@z.example" }],
  ["CRLF in a file name", { attachments: [{ filename: 'a.txt"\r\nX-Part: 1', content: "" }] }],
  ["CRLF in a content type", { attachments: [{ contentType: "text/plain\r\nX: y", content: "" }] }],
  ["a quote in a content type", { attachments: [{ contentType: 'text/plain; name="a"b"', content: "" }] }],
  ["a multipart attachment", { attachments: [{ contentType: "multipart/mixed", content: "" }] }],
  ["an attachment by path", { attachments: [{ path: "/etc/passwd" }] }],
  ["CRLF in a header's name", { headers: { "X\r\nY": "z" } }],
  ["a colon in a header's name", { headers: { "X: Y": "z" } }],
  ["CRLF in a header's value", { headers: { "X-A": "z\r\nBcc: evil@z.example" } }],
  ["Bcc as a header", { headers: { bCC: "evil@z.example" } }],
  ["Content-Type as a header", { headers: { "Content-Type": "text/html" } }],
  ["a header that is no string", { headers: { "X-A": 5 } }],
  ["CRLF in the message id", { messageId: "<a@b>\r\nX: y" }],
  ["a message id without brackets", { messageId: "a@b" }],
  ["an invalid date", { date: new Date(NaN) }],
  ["a text that is none", { text: 5 }],
  ["a field that is not known", { bbc: "x@y.example" }],
])("refuses %s", (_why, message) => {
  expect(() => composed(message as Message)).toThrow(TypeError);
});
