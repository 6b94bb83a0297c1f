// The form in workerd, in front of a real mail server.

import { env } from "cloudflare:workers";
import PostalMime from "postal-mime";
import { expect, inject, test, vi } from "vitest";
import type {} from "@landline/services/provided";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";

interface ReceivedMail {
  readonly from: string;
  readonly raw: string;
}

const unique = (name: string): string => `${name}-${crypto.randomUUID()}@example.com`;

async function received(to: string): Promise<ReceivedMail[]> {
  const url = new URL(inject("services").smtp.mailUrl);
  url.searchParams.set("to", to);
  return (await fetch(url)).json();
}

interface Sent {
  readonly fields?: Readonly<Record<string, string | File>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly own?: Partial<Env>;
}

async function post({ fields = {}, headers = {}, own = {} }: Sent): Promise<{ status: number; body: string }> {
  const form = new FormData();
  const all = { name: "Ada Lovelace", email: unique("ada"), message: "Hello", website: "", ...fields };
  for (const [name, value] of Object.entries(all)) form.set(name, value);
  const request = new Request("https://form.example/", {
    method: "POST",
    body: form,
    headers: { "cf-connecting-ip": crypto.randomUUID(), origin: "https://form.example", ...headers },
  });
  const response = await worker.fetch!(request as never, { ...env, ...own }, {} as ExecutionContext);
  return { status: response.status, body: await response.text() };
}

test("a message with a file reaches the office word for word, and the visitor gets a confirmation", async () => {
  const [office, email] = [unique("office"), unique("visitor")];
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  const { status, body } = await post({
    fields: {
      name: 'Zoë "Z" <b>',
      email,
      message: "Line one\n.\n<script>alert(1)</script>",
      file: new File([bytes], "résumé 1.pdf", { type: "application/pdf" }),
    },
    own: { MAIL_TO: office },
  });
  expect(status).toBe(200);
  expect(body).toContain("Your message has reached 1 of 1.");
  expect(body).not.toContain(office);

  const [mail] = await received(office);
  const parsed = await PostalMime.parse((mail as ReceivedMail).raw, { attachmentEncoding: "arraybuffer" });
  expect(parsed.from?.address).toBe("form@example.com");
  expect(parsed.replyTo).toMatchObject([{ name: 'Zoë "Z" <b>', address: email }]);
  expect(parsed.subject).toBe('Message from Zoë "Z" <b>');
  expect(parsed.text).toContain("Line one\n.\n<script>alert(1)</script>");
  expect(parsed.html).toContain("&lt;script&gt;");
  expect(parsed.attachments[0]).toMatchObject({ filename: "résumé 1.pdf", mimeType: "application/pdf" });
  expect(new Uint8Array(parsed.attachments[0]?.content as ArrayBuffer)).toEqual(bytes);

  const [confirmation] = await received(email);
  expect(confirmation).toMatchObject({ from: "" });
  const told = await PostalMime.parse((confirmation as ReceivedMail).raw);
  expect(told.text).toContain("we have it");
  expect(told.text).not.toContain("Line one");
});

test("each recipient's fate is told; where all refuse, no confirmation goes out", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const [good, refused, email] = [unique("office"), unique("refused"), unique("visitor")];
  const some = await post({ own: { MAIL_TO: `${good}, ${refused}` } });
  expect(some.status).toBe(200);
  expect(some.body).toContain("Your message has reached 1 of 2.");
  expect(some.body).toMatch(/class="refused"><td>Reader 2<\/td><td>refused by the mail server \(550\)/);
  const none = await post({ fields: { email }, own: { MAIL_TO: refused } });
  expect(none.status).toBe(502);
  expect(none.body).toContain("Your message could not be delivered.");
  expect(await received(email)).toEqual([]);
});

test("a program that fills in the hidden field is told that all is well, and no mail leaves", async () => {
  const office = unique("office");
  const { status, body } = await post({ fields: { website: "https://spam.example" }, own: { MAIL_TO: office } });
  expect(status).toBe(200);
  expect(body).toContain("has reached");
  expect(await received(office)).toEqual([]);
});

test("the fourth message of a minute from one address is told to wait", async () => {
  const headers = { "cf-connecting-ip": crypto.randomUUID() };
  for (let turn = 0; turn < 3; turn++) expect((await post({ headers, fields: { website: "x" } })).status).toBe(200);
  const { status, body } = await post({ headers, fields: { message: "still here" } });
  expect(status).toBe(429);
  expect(body).toContain("Please wait a minute");
});

test.each<[why: string, sent: Sent, status: number, words: string]>([
  ["two addresses", { fields: { email: "a@example.com, b@example.com" } }, 422, "name@domain"],
  [
    "an address that adds a recipient",
    { fields: { email: "a@example.com\r\nBcc: b@example.com" } },
    422,
    "name@domain",
  ],
  ["a name of two lines", { fields: { name: "a\r\nBcc: b@example.com" } }, 422, "one line"],
  ["nothing", { fields: { name: " ", message: "" } }, 422, "Please write a name."],
  ["too much", { fields: { message: "x".repeat(5_001) } }, 422, "longer than 5000"],
  ["a file that is too large", { fields: { file: new File([new Uint8Array(5_300_000)], "x") } }, 413, "5 MB"],
  ["another site", { headers: { origin: "https://evil.example" } }, 403, "another site"],
])("%s is refused, and what was written stays in the form", async (_why, sent, status, words) => {
  const answer = await post(sent);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(words);
});

test("a server that cannot be reached is told in general words", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const { status, body } = await post({ own: { SMTP_URL: "smtps://user:s3cret@127.0.0.1:1" } });
  expect(status).toBe(503);
  expect(body).toContain("cannot be reached");
  expect(body).not.toContain("127.0.0.1");
  expect(JSON.stringify(log.mock.calls)).not.toContain("s3cret");
  log.mockRestore();
});
