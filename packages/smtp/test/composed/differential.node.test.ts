// Messages of all kinds, as three parsers by other hands see them: what was put in, and what they see of nodemailer's message
// for the same fields.

import fc from "fast-check";
import { createTransport } from "nodemailer";
import { expect, test } from "vitest";
import type { Attachment, Message } from "../../src/index.ts";
import { compose, toBytes } from "../../src/message/index.ts";
import { byMailparser, byPostalMime, byPython } from "./parsers.ts";
import type { Seen } from "./parsers.ts";

const MESSAGES = 150;
const CIRCUMSTANCES = {
  now: () => new Date("2026-02-03T04:05:06Z"),
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
};

/** Words of every kind, without blanks at the ends or in a row, which header fields do not keep. */
const word = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9]{1,12}$/),
  fc.stringMatching(/^[!#$%&'*+/=?^_`{|}~.,:;()<>@"\\-]{1,6}$/),
  fc.constantFrom("Grüße", "Привет", "日本語のとても長い題名", "🎉👩‍👩‍👧", "é", "=?utf-8?q?x?=", "café", "x".repeat(90)),
);
const phrase = fc.array(word, { minLength: 1, maxLength: 14 }).map((words) => words.join(" "));
const line = fc.oneof(
  phrase,
  fc.constantFrom("", ".", "..", "From here", "--", "tab\there", "é".repeat(200), "=20", "a ".repeat(60).trim()),
);
const text = fc.array(line, { minLength: 1, maxLength: 12 }).map((all) => all.join("\n"));
const name = fc.oneof(
  fc.stringMatching(/^[a-zA-Z]{1,10}( [a-zA-Z]{1,10})?$/),
  fc.constantFrom("Jürgen Müller", "O'Neil, Jr.", "李 小龍", 'a "b" c', "Ann (Sales)"),
);
const mailbox = fc.record({ name, address: fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,10}\.example$/) });
const filename = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}\.pdf$/),
  fc.constantFrom("naïve file.pdf", "отчёт.pdf", "a;b=c.pdf", "日本.pdf", 'quo"te.pdf'),
);
const content = fc.uint8Array({ maxLength: 4_000 });
const file = fc.record({ filename, content, contentType: fc.constantFrom("application/pdf", "image/png") });
const message = fc.record(
  {
    from: mailbox,
    to: fc.array(mailbox, { minLength: 1, maxLength: 12 }),
    subject: phrase,
    text,
    html: text.map((inner) => `<p>${inner}</p>`),
    attachments: fc.array(file, { maxLength: 3 }),
    icalEvent: fc.constant({ method: "REQUEST", content: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n" }),
  },
  { requiredKeys: ["from", "to", "subject", "text"] },
);
type Fields = typeof message extends fc.Arbitrary<infer T> ? T : never;

const samples: readonly Fields[] = fc.sample(message, { numRuns: MESSAGES, seed: 20_261_125 });
/** With the first attachment shown in the HTML, where there are both. */
const withInline = samples.map(({ attachments = [], ...fields }): Fields => {
  const inline = fields.html === undefined ? -1 : 0;
  const all = attachments.map((one, index) => (index === inline ? { ...one, cid: "logo@a.example" } : one));
  return { ...fields, attachments: all } as Fields;
});

const ours = await Promise.all(withInline.map((fields) => toBytes(compose(fields as Message, CIRCUMSTANCES))));
const transporter = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
const theirs = await Promise.all(
  withInline.map(async (fields) => {
    const attachments = fields.attachments?.map((one) => ({ ...one, content: Buffer.from(one.content) }));
    return (await transporter.sendMail({ ...fields, attachments } as never)).message as unknown as Uint8Array;
  }),
);

function given({
  from,
  to,
  subject,
  text: plain,
  html,
  attachments = [],
}: Fields): Omit<Seen, "files"> & { files: unknown } {
  const shown = (one: { name: string; address: string }): string => `${one.name} <${one.address}>`;
  return {
    subject,
    from: [shown(from)],
    to: to.map(shown),
    text: plain.trimEnd(),
    html: (html ?? "").trimEnd(),
    files: (attachments as (Attachment & { content: Uint8Array })[]).map((one) => ({
      name: one.filename,
      type: one.contentType,
      cid: one.cid ?? "",
      content: Buffer.from(one.content).toString("base64"),
    })),
  };
}
/** nodemailer attaches every invitation as a file too; here that is by choice. */
const withoutCalendar = (seen: Seen): Seen => ({
  ...seen,
  files: seen.files.filter(({ type }) => type !== "text/calendar" && type !== "application/ics"),
});

test.each([
  ["postal-mime", byPostalMime],
  ["mailparser", byMailparser],
] as const)("%s sees what was put in, and what it sees of nodemailer's message", async (_name, parse) => {
  for (const [index, fields] of withInline.entries()) {
    const seen = withoutCalendar(await parse(ours[index] as Uint8Array));
    expect(seen).toEqual(given(fields));
    // What looks like an encoded word nodemailer sends as it is, so that readers decode it.
    if (!fields.subject.includes("=?")) expect(seen).toEqual(withoutCalendar(await parse(theirs[index] as Uint8Array)));
  }
});

const python = byPython(ours);
const ofNodemailer = byPython(theirs);

test.runIf(python !== undefined)("Python's email sees what was put in, without a defect", () => {
  for (const [index, fields] of withInline.entries()) {
    const { defects, ...seen } = (python as NonNullable<typeof python>)[index] as Seen & { defects: string[] };
    expect(defects).toEqual([]);
    expect(withoutCalendar(seen)).toEqual(given(fields));
    expect((ofNodemailer as NonNullable<typeof python>)[index]).toBeDefined();
  }
});
