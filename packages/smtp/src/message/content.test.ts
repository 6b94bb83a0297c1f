// What a message may be made of beyond text and small files: streams, inline parts, invitations, list fields, raw messages.

import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { base64Lines, base64LinesLength, base64Segment } from "./base64.ts";
import { compose } from "./compose.ts";
import type { Composed } from "./compose.ts";
import { segmentOf } from "./content.ts";
import type { Content, Lazy } from "./content.ts";
import type { Message } from "./message.ts";

const CIRCUMSTANCES = { now: () => new Date("2026-02-03T04:05:06Z"), random: chance() };
const utf8 = new TextEncoder();

function chance(): (bytes: number) => Uint8Array {
  let count = 0;
  return (bytes) => new Uint8Array(bytes).fill(count++);
}

const made = (message: Partial<Message>): Composed =>
  compose(
    { ...(message.raw === undefined ? { from: "a@a.example", to: "b@b.example" } : {}), ...message },
    CIRCUMSTANCES,
  );

async function bytesOf(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  // A piece is valid until the next is asked for.
  for await (const piece of source) parts.push(piece.slice());
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function raw(message: Partial<Message>): Promise<string> {
  const { body, size } = made(message);
  const bytes = await bytesOf(body);
  if (size !== undefined) expect(bytes.length).toBe(size);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

const parsed = async (message: Partial<Message>) =>
  PostalMime.parse(await raw(message), { attachmentEncoding: "arraybuffer" });
const noise = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

test("base64 of a stream is the same wherever it is cut", async () => {
  const bytes = noise(57 * 3 + 5);
  const expected = base64Lines(bytes);
  expect(new TextDecoder().decode(expected).replaceAll("\r\n", "")).toBe(btoa(String.fromCharCode(...bytes)));
  for (let size = 1; size <= bytes.length + 1; size++) {
    const { open } = base64Segment({ size: undefined, replayable: true, open: () => cut(bytes, size) }) as Lazy;
    expect(await bytesOf(open())).toEqual(expected);
  }
});

test("large contents are encoded as they are read, into one buffer", async () => {
  const bytes = noise(200_001);
  const segment = base64Segment(bytes) as Lazy;
  expect(segment.size).toBe(base64LinesLength(bytes.length));
  const buffers = new Set<ArrayBufferLike>();
  let largest = 0;
  for await (const piece of segment.open()) {
    buffers.add(piece.buffer);
    largest = Math.max(largest, piece.length);
  }
  expect(buffers.size).toBe(1);
  expect(largest).toBeLessThanOrEqual(64 * 1024 * 1.1);
  expect(await bytesOf(segment.open())).toEqual(base64Lines(bytes));
  expect(await bytesOf(segment.open())).toEqual(base64Lines(bytes));
});

test.each<[kind: string, content: (bytes: Uint8Array<ArrayBuffer>) => Content, sized: boolean]>([
  ["bytes", (bytes) => bytes, true],
  ["a Blob", (bytes) => new Blob([bytes], { type: "image/png" }), true],
  ["a stream", (bytes) => new Blob([bytes]).stream(), false],
  ["an async iterable", (bytes) => cut(bytes, 1000), false],
  ["a factory of streams", (bytes) => () => new Blob([bytes]).stream(), false],
  ["a factory that takes its time", (bytes) => async () => Promise.resolve(cut(bytes, 777)), false],
])("an attachment from %s", async (kind, content, sized) => {
  for (const length of [0, 1, 100_000]) {
    const bytes = noise(length);
    const composed = made({ text: "x", attachments: [{ filename: "a.bin", content: content(bytes) }] });
    expect(composed.size !== undefined).toBe(sized);
    const whole = await bytesOf(composed.body);
    if (sized) expect(whole.length).toBe(composed.size);
    const mail = await PostalMime.parse(whole, { attachmentEncoding: "arraybuffer" });
    expect(new Uint8Array(mail.attachments[0]?.content as ArrayBuffer)).toEqual(bytes);
    if (kind === "a Blob") expect(mail.attachments[0]?.mimeType).toBe("image/png");
  }
});

test("small contents stay in memory, so that they may go in a window", () => {
  expect(Array.isArray(made({ text: "x", attachments: [{ content: noise(30_000) }] }).body)).toBe(true);
  expect(Array.isArray(made({ text: "x", attachments: [{ content: noise(40_000) }] }).body)).toBe(false);
});

test.each<[why: string, content: unknown]>([
  ["text", new ReadableStream({ start: (c) => (c.enqueue("text"), c.close()) })],
  [
    "numbers",
    () =>
      (async function* () {
        yield 5;
      })(),
  ],
])("a stream of %s fails, and its consumer is told", async (_why, content) => {
  await expect(raw({ attachments: [{ content: content as Content }] })).rejects.toThrow(TypeError);
});

test("a stream whose reading stops is cancelled", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (c) => c.enqueue(new Uint8Array(100)),
    cancel: () => void (cancelled = true),
  });
  for await (const piece of (segmentOf(stream, "it") as Lazy).open()) {
    expect(piece.length).toBe(100);
    break;
  }
  expect(cancelled).toBe(true);
});

test("inline images, an invitation, other forms and files each have their place", async () => {
  const message: Partial<Message> = {
    text: "text",
    html: '<img src="cid:logo@a.example">',
    alternatives: [{ contentType: "text/x-amp-html", content: "<html amp4email></html>" }],
    icalEvent: {
      method: "request",
      content: "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
      filename: "invite.ics",
    },
    attachments: [
      { cid: "logo@a.example", filename: "logo.png", content: noise(10), contentType: "image/png" },
      { filename: "a.txt", content: "file" },
    ],
  };
  const text = await raw(message);
  const types = [...text.matchAll(/^Content-Type: ([^;\r]+)/gm)].map(([, type]) => type);
  expect(types).toEqual([
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "multipart/related",
    "text/html",
    "image/png",
    "text/x-amp-html",
    "text/calendar",
    "application/octet-stream",
    "application/ics",
  ]);
  expect(text).toContain("Content-ID: <logo@a.example>\r\n");
  expect(text).toContain('Content-Disposition: inline; filename="logo.png"\r\n');
  expect(text).toContain("Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n");
  const mail = await parsed(message);
  expect(mail.text?.trim()).toBe("text");
  expect(mail.attachments.find(({ contentId }) => contentId === "<logo@a.example>")).toMatchObject({ related: true });
  expect(mail.attachments.map(({ filename }) => filename)).toContain("a.txt");
});

test("an inline part without HTML is a file", async () => {
  expect(await raw({ text: "x", attachments: [{ cid: "a", content: "b" }] })).not.toContain("multipart/related");
});

test("threads and lists", async () => {
  const text = await raw({
    text: "x",
    inReplyTo: "<2@a.example>",
    references: ["<1@a.example>", "<2@a.example>"],
    list: {
      help: "mailto:help@a.example",
      unsubscribe: ["https://a.example/u?id=1,2", "mailto:u@a.example?subject=bye"],
      post: "NO",
      id: "news.a.example",
      unsubscribePost: true,
    },
  });
  expect(text).toContain("In-Reply-To: <2@a.example>\r\nReferences: <1@a.example> <2@a.example>\r\n");
  expect(text).toContain("List-Help: <mailto:help@a.example>\r\n");
  expect(text).toContain("List-Unsubscribe: <https://a.example/u?id=1,2>,\r\n <mailto:u@a.example?subject=bye>\r\n");
  expect(text).toContain("List-Post: NO\r\n");
  expect(text).toContain("List-ID: <news.a.example>\r\n");
  expect(text).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
});

test("a sender on behalf of others, and an envelope of its own", () => {
  const { envelope } = made({ from: "a@a.example, c@a.example", sender: "s@a.example" });
  expect(envelope).toEqual({ from: "s@a.example", to: ["b@b.example"] });
  expect(made({ envelope: { from: "", to: "x@y.example, X <x@y.example>" } }).envelope).toEqual({
    from: "",
    to: ["x@y.example"],
  });
  expect(made({ envelope: { from: "bounces+1@a.example" } }).envelope).toEqual({
    from: "bounces+1@a.example",
    to: ["b@b.example"],
  });
});

test("an address of the envelope alone asks for SMTPUTF8 as well", () => {
  expect(made({ bcc: "ж@b.example" }).smtpUtf8).toBe(true);
  expect(made({ envelope: { to: "ж@b.example" } }).smtpUtf8).toBe(true);
});

test.each([
  "Subject: x\nMessage-ID:\n <1@a.example>\n\n.body\r\n..\rend",
  utf8.encode("Subject: x\r\nMessage-ID: <1@a.example>\r\n\r\n.body\r\n..\r\nend"),
])("a raw message is sent as it is, with line ends made right", async (content) => {
  const envelope = { from: "a@a.example", to: "b@b.example" };
  const composed = made({ raw: content, envelope });
  expect(composed).toMatchObject({ messageId: "<1@a.example>", eightBit: false, smtpUtf8: false });
  const text = await raw({ raw: content, envelope });
  expect(text).toMatch(/^Subject: x\r\n/);
  expect(text).toMatch(/\r\n\r\n\.body\r\n\.\.\r\nend\r\n$/);
  const streamed = new TextDecoder().decode(
    await bytesOf(
      made({ raw: () => cut(typeof content === "string" ? utf8.encode(content) : content, 1), envelope }).body,
    ),
  );
  expect(streamed).toBe(text);
});

test("bytes over 127 in a raw message are told, and supposed of a stream", () => {
  const envelope = { from: "a@a.example", to: "b@b.example" };
  expect(made({ raw: "Subject: ä\r\n\r\n", envelope }).eightBit).toBe(true);
  expect(made({ raw: new Blob(["Subject: a\r\n\r\n"]), envelope })).toMatchObject({ eightBit: true, size: undefined });
});

test("delivery reports, for all and for each", () => {
  const { dsn } = made({
    to: "b@b.example, c@b.example",
    dsn: {
      id: "order-1",
      return: "headers",
      notify: ["failure", "delay"],
      recipients: { "c@b.example": { notify: "never", recipient: "list@a.example" } },
    },
  });
  expect(dsn).toEqual({
    mail: ["RET=HDRS", "ENVID=order-1"],
    rcpt: [["NOTIFY=FAILURE,DELAY"], ["NOTIFY=NEVER", "ORCPT=rfc822;list@a.example"]],
  });
});

test("an id and an original recipient are written in xtext", () => {
  const { dsn } = made({ to: "b@b.example", dsn: { id: "QQ+3= x", recipient: "b+c@d.example" } });
  expect(dsn).toEqual({ mail: ["ENVID=QQ+2B3+3D+20x"], rcpt: [["ORCPT=rfc822;b+2Bc@d.example"]] });
});

test.each<[why: string, message: unknown]>([
  ["an attachment of nothing", { attachments: [{ filename: "x" }] }],
  ["an attachment by URL", { attachments: [{ href: "http://169.254.169.254/" }] }],
  ["an attachment by path beside content", { attachments: [{ path: "/etc/passwd", content: "" }] }],
  ["a stream that is in use", { attachments: [{ content: locked() }] }],
  ["CRLF in a cid", { html: "", attachments: [{ cid: "a>\r\nX: y", content: "" }] }],
  ["a bracket in a cid", { html: "", attachments: [{ cid: "a>", content: "" }] }],
  ["a disposition that is none", { attachments: [{ contentDisposition: "x\r\ny", content: "" }] }],
  ["an alternative that is no text", { alternatives: [{ contentType: "image/png", content: "" }] }],
  ["CRLF in an alternative's type", { alternatives: [{ contentType: "text/x\r\nX: y", content: "" }] }],
  ["CRLF in a calendar's method", { icalEvent: { method: "REQUEST\r\nX: y", content: "" } }],
  ["a parameter in a calendar's method", { icalEvent: { method: 'x"; name="y', content: "" } }],
  ["CRLF in a list's URL", { list: { unsubscribe: "https://a.example/\r\nX-Injected: 1" } }],
  ["a bracket in a list's URL", { list: { help: "https://a.example/>,<mailto:x@y.example" } }],
  ["a script in a list's URL", { list: { help: "javascript:alert(1)" } }],
  ["a list's comment", { list: { unsubscribe: { url: "https://a.example/", comment: "x\r\nX-Injected: 1" } } }],
  ["a list field that is not known", { list: { unsubscrib: "https://a.example" } }],
  ["one click without https", { list: { unsubscribe: "mailto:a@b.example", unsubscribePost: true } }],
  ["CRLF in a list's id", { list: { id: "a.b\r\nX: y" } }],
  ["a list field as a header", { headers: { "List-Unsubscribe": "<x>" } }],
  ["CRLF in a reference", { references: "<1@a.example>\r\nX: y" }],
  ["a reference without brackets", { inReplyTo: "1@a.example" }],
  ["two senders", { sender: "a@a.example, b@a.example" }],
  ["an envelope from two", { envelope: { from: "a@a.example, b@a.example" } }],
  ["an envelope to nobody", { envelope: { to: [] } }],
  ["CRLF in an envelope", { envelope: { to: "b@y.example>\r\nRCPT TO:<evil@z.example" } }],
  ["a raw message without envelope", { raw: "x" }],
  ["a raw message with a subject", { raw: "x", subject: "y", envelope: { from: "", to: "b@b.example" } }],
  ["a raw message by path", { raw: { path: "/etc/passwd" }, envelope: { from: "", to: "b@b.example" } }],
  ["a report to a stranger", { dsn: { recipients: { "x@y.example": {} } } }],
  ["a report that is none", { dsn: { notify: "sometimes" } }],
  ["never, and on delay", { dsn: { notify: ["never", "delay"] } }],
  ["a report with a parameter", { dsn: { notify: ["success x=1"] } }],
  ["no report at all", { dsn: { notify: [] } }],
  ["an original recipient that is not ASCII", { dsn: { recipient: "ä@b.example" } }],
  ["an empty id", { dsn: { id: "" } }],
  ["an id that is too long", { dsn: { id: "x".repeat(101) } }],
  ["a report's id with CRLF", { dsn: { id: "x\r\nRCPT TO:<evil@z.example>" } }],
  ["a report that returns nonsense", { dsn: { return: "body" } }],
])("refuses %s", (_why, message) => {
  expect(() => made(message as Message)).toThrow(TypeError);
});

function locked(): ReadableStream {
  const stream = new Blob(["x"]).stream();
  stream.getReader();
  return stream;
}
