// The client against the servers that most mail goes through: whole messages by every way of sending, every login, and what
// each server alone can judge. On Node.

import { createHmac } from "node:crypto";
import type {} from "@landline/services/provided";
import PostalMime from "postal-mime";
import { expect, inject, test } from "vitest";
import { smtp, SmtpError } from "../src/index.ts";
import type { Message, SmtpClient, SmtpOptions } from "../src/index.ts";

const { hostname, user, tokenKey, exim, dovecot, postfix, mailUrl } = inject("mailServers");
type Name = "exim" | "dovecot" | "postfix";
type Way = readonly [how: string, server: Name, options: SmtpOptions];

const at = (port: number, tls: SmtpOptions["tls"], more: SmtpOptions = {}): SmtpOptions => ({
  hostname,
  port,
  tls: tls as "off",
  pool: { max: 1 },
  ...more,
});
const EXIM: Way[] = [
  ["Exim, STARTTLS, CHUNKING", "exim", at(exim.port, "starttls")],
  ["Exim, TLS, DATA", "exim", at(exim.tlsPort, "on", { chunking: false })],
];
const POSTFIX: Way[] =
  postfix === undefined
    ? []
    : [
        ["Postfix, STARTTLS, CHUNKING", "postfix", at(postfix.port, "starttls")],
        ["Postfix, in the clear, DATA", "postfix", at(postfix.port, "off", { chunking: false })],
      ];
const LMTP: Way[] =
  dovecot === undefined ? [] : [["Dovecot, LMTP", "dovecot", at(dovecot.lmtpPort, "off", { lmtp: true })]];
const WAYS: Way[] = [...EXIM, ...POSTFIX, ...LMTP];

const FROM = "sender@test.local";
const unique = (): string => `${user.username}+${crypto.randomUUID()}@test.local`;

/** What the server has delivered that contains `text`, in Latin-1. */
async function delivered(server: Name, text: string, count = 1): Promise<string[]> {
  const response = await fetch(`${mailUrl}${server}?has=${encodeURIComponent(text)}&count=${count}`);
  const found = (await response.json()) as string[];
  expect(found).toHaveLength(count);
  return found;
}

const bytesOf = (latin1: string): Uint8Array<ArrayBuffer> => Uint8Array.from(latin1, (char) => char.charCodeAt(0));
const failure = (mail: SmtpClient, message: Message): Promise<unknown> =>
  mail.send(message).then(
    () => "no error",
    (error: unknown) => error,
  );

test.each(WAYS)("%s: what is hard to carry arrives as it was", async (_how, server, options) => {
  const to = unique();
  const content = crypto.getRandomValues(new Uint8Array(60_000));
  const text = "Привет\n.\n..\n.dot\nFrom here\n \ntail \n";
  await using mail = smtp(options);
  for (let turn = 0; turn < 2; turn++) {
    const message = { from: `Jürgen <${FROM}>`, to, subject: `Grüße ${turn} 🎉`, text };
    const attachments = [{ filename: "naïve.bin", content: turn === 0 ? content : new Blob([content]).stream() }];
    const { accepted } = await mail.send({ ...message, attachments });
    expect(accepted).toMatchObject([{ address: to }]);
  }
  for (const raw of await delivered(server, to, 2)) {
    const parsed = await PostalMime.parse(bytesOf(raw), { attachmentEncoding: "arraybuffer" });
    expect(parsed.subject).toMatch(/^Grüße [01] 🎉$/);
    expect(parsed.text?.replaceAll("\r\n", "\n")).toBe(text);
    expect(parsed.attachments[0]?.filename).toBe("naïve.bin");
    expect(Buffer.from(parsed.attachments[0]?.content as ArrayBuffer).equals(content)).toBe(true);
  }
});

test.each(WAYS)("%s: sixty messages at once on one connection arrive once each", async (_how, server, options) => {
  const subject = crypto.randomUUID();
  const opened: number[] = [];
  await using mail = smtp({
    ...options,
    observe: (operation) => void (operation.kind === "connect" && opened.push(1)),
  });
  const all = Array.from({ length: 60 }, (_, index) =>
    mail.send({ from: FROM, to: `${user.username}+many${index}@test.local`, subject, text: `number ${index}` }),
  );
  for (const { accepted } of await Promise.all(all)) expect(accepted).toHaveLength(1);
  const numbers = (await delivered(server, subject, 60)).map((text) => Number(/^number (\d+)/m.exec(text)?.[1]));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  expect(opened).toHaveLength(1);
});

test.each(WAYS)(
  "%s: refused recipients do not harm the others, nor the next message",
  async (_how, server, options) => {
    await using mail = smtp(options);
    const message = { from: FROM, subject: "x", text: "x" };
    for (let turn = 0; turn < 3; turn++) {
      const good = unique();
      const receipt = await mail.send({ ...message, to: ["refused@test.local", good] });
      expect(receipt).toMatchObject({
        accepted: [{ address: good, code: 250 }],
        rejected: [{ address: "refused@test.local", code: expect.toSatisfy((code: number) => code >= 500) }],
        unknown: [],
      });
      await delivered(server, good);
      const refused = { outcome: "refused", phase: "rcpt", permanent: true };
      expect(await failure(mail, { ...message, to: "refused@test.local" })).toMatchObject(refused);
      if (server === "dovecot") continue;
      const later = { outcome: "refused", phase: "rcpt", permanent: false, responseCode: 450, enhanced: "4.2.1" };
      if (server === "exim") Object.assign(later, { responseCode: 451 });
      if (server === "postfix") Object.assign(later, { enhanced: "4.7.1" });
      expect(await failure(mail, { ...message, to: "later@test.local" })).toMatchObject(later);
    }
  },
);

test.each([...EXIM, ...POSTFIX])("%s: a message over the server's limit", async (_how, server, options) => {
  await using mail = smtp(options);
  const large = new Uint8Array(4_000_000);
  const message = { from: FROM, to: unique(), subject: "x", text: "x" };
  const known = await failure(mail, { ...message, attachments: [{ content: large }] });
  expect(known).toMatchObject({ code: "MESSAGE_TOO_LARGE", outcome: "unsent" });
  // Nobody knows how long this is; the server says no in the middle of it, or at its end.
  const stream = { ...message, attachments: [{ content: new Blob([large]).stream() }] };
  // Exim closes behind its no, and a reset because of what it has not read may overtake that. Either way nothing was accepted.
  const reset = expect.objectContaining({ code: "CONNECTION_LOST", outcome: "unsent" });
  const no = expect.objectContaining({ code: "552", outcome: "refused", permanent: true });
  expect(await failure(mail, stream)).toBeOneOf(server === "exim" ? [no, reset] : [no]);
  const to = unique();
  await mail.send({ ...message, to, attachments: [{ content: large.subarray(0, 2_000_000) }] });
  const [raw = ""] = await delivered(server, to);
  expect(raw.length).toBeGreaterThan(2_600_000);
});

test.each([...EXIM, ...POSTFIX])("%s: eight bits and an address in Cyrillic", async (_how, server, options) => {
  await using mail = smtp(options);
  const to = unique();
  const body = `To: ${to}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nПривет, ${to}\r\n`;
  await mail.send({ raw: body, envelope: { from: FROM, to } });
  const [raw = ""] = await delivered(server, to);
  expect(new TextDecoder().decode(bytesOf(raw))).toContain(`Привет, ${to}`);

  const subject = crypto.randomUUID();
  const cyrillic = `почта-${crypto.randomUUID()}@test.local`;
  expect(await mail.send({ from: FROM, to: cyrillic, subject, text: "x" })).toMatchObject({
    accepted: [{ address: cyrillic }],
  });
  const [utf8 = ""] = await delivered(server, subject);
  expect(new TextDecoder().decode(bytesOf(utf8))).toMatch(new RegExp(`^To: ${cyrillic}`, "m"));
});

test.each([...EXIM, ...POSTFIX])(
  "%s: delivery reports are taken, also for each recipient",
  async (_how, server, options) => {
    await using mail = smtp(options);
    const [to, other] = [unique(), unique()];
    const dsn = {
      id: "order 1+1",
      return: "headers",
      notify: "never",
      recipients: { [other]: { recipient: "a+b@c.example" } },
    };
    const { accepted } = await mail.send({ from: FROM, to: [to, other], subject: to, text: "x", dsn } as Message);
    expect(accepted).toHaveLength(2);
    await delivered(server, to, 2);
  },
);

test.each([...EXIM, ...POSTFIX])(
  "%s: what the server does not offer is refused before anything is sent",
  async (_how, _server, options) => {
    await using mail = smtp(options);
    const message = { from: FROM, to: unique(), subject: "x", text: "x", requireTls: true };
    expect(await failure(mail, message)).toMatchObject({ code: "REQUIRETLS_REQUIRED", outcome: "unsent" });
  },
);

const SEQUENCES = [
  "\n.\n",
  "\n.\r\n",
  "\r.\r",
  "\r\n.\r",
  "\r.\n",
  "\r\r\n.\r\r\n",
  "\r\n.\r\n",
  "\n.\r",
  "\r\n\0.\r\n",
];

test.each(POSTFIX.flatMap((way) => SEQUENCES.map((sequence) => [sequence, ...way] as const)))(
  "%j in a body ends no message: %s, which refuses bare line ends",
  async (sequence, _how, server, options) => {
    const [to, evil] = [unique(), unique()];
    const smuggled = `MAIL FROM:<${FROM}>\r\nRCPT TO:<${evil}>\r\nDATA\r\nSubject: smuggled ${to}`;
    const body = `Subject: x\r\n\r\nbefore${sequence}${smuggled}\r\n`;
    await using mail = smtp(options);
    // Cut at every border that the sequence has.
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (const char of body) yield new TextEncoder().encode(char);
    }
    await mail.send({ raw: pieces(), envelope: { from: FROM, to } });
    const [text = ""] = await delivered(server, `smuggled ${to}`);
    expect(text).toMatch(new RegExp(`^(?:Delivered|X-Original)-To: ${to.replace("+", "\\+")}`, "m"));
    expect(text).toContain("RCPT TO:<");
  },
);

test.each(LMTP)("%s: each recipient has an answer of his own to the message", async (_how, server, options) => {
  await using mail = smtp(options);
  const good = unique();
  const to = ["refused@test.local", "broken@test.local", good];
  const receipt = await mail.send({ from: FROM, to, subject: "x", text: "x" });
  expect(receipt.accepted).toMatchObject([{ address: good, code: 250 }]);
  expect(receipt.rejected).toMatchObject([
    { address: "refused@test.local", code: 550, enhanced: "5.1.1" },
    { address: "broken@test.local", code: 451 },
  ]);
  await delivered(server, good);
  const error = await failure(mail, { from: FROM, to: "broken@test.local", subject: "x", text: "x" });
  expect(error).toMatchObject({ phase: "message", permanent: false, outcome: "refused" });
});

test.each(EXIM)("%s: by PRDR each recipient has an answer of its own", async (_how, server, options) => {
  await using mail = smtp(options);
  const message = { from: FROM, subject: "x", text: "x" };
  for (let turn = 0; turn < 2; turn++) {
    const [good, other] = [unique(), unique()];
    const receipt = await mail.send({ ...message, to: ["refused@test.local", good, "picky@test.local", other] });
    expect(receipt.accepted).toMatchObject([
      { address: good, code: 250 },
      { address: other, code: 250 },
    ]);
    expect(receipt.rejected).toMatchObject([
      { address: "refused@test.local", code: 550, enhanced: "5.1.1" },
      { address: "picky@test.local", code: 550, enhanced: "5.7.1", message: "not this message" },
    ]);
    const boxes = (await delivered(server, good, 2)).map((text) => /^Envelope-to: (\S*)/m.exec(text)?.[1]);
    expect(new Set(boxes)).toEqual(new Set([good, other]));
    const error = await failure(mail, { ...message, to: ["picky@test.local", "picky@other.test.local"] });
    expect(error).toMatchObject({ phase: "message", code: "550", enhanced: "5.7.1", outcome: "refused" });
    // One recipient needs no list.
    const alone = await mail.send({ ...message, to: "picky@test.local" });
    expect(alone.accepted).toHaveLength(1);
  }
});

/** A JSON Web Token, as Dovecot checks it. */
function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: user.username, iat: now - 10, exp: now + 600 })}`;
  return `${body}.${createHmac("sha256", tokenKey).update(body).digest("base64url")}`;
}

const MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"];

test.each(dovecot === undefined ? [] : MECHANISMS.map((method) => [method, dovecot.submissionPort] as const))(
  "Dovecot: %s logs in, and a wrong secret does not",
  async (authMethod, port) => {
    const isToken = authMethod === "OAUTHBEARER" || authMethod === "XOAUTH2";
    const login = { authMethod, username: user.username };
    const right = isToken ? { accessToken: () => token() } : { password: user.password };
    const wrong = isToken ? { accessToken: "nonsense" } : { password: "nonsense" };
    await using mail = smtp(at(port, "starttls", { ...login, ...right }));
    await mail.verify();
    const to = unique();
    await mail.send({ from: FROM, to, subject: "x", text: "x" });
    await delivered("exim", to);
    await using other = smtp(at(port, "starttls", { ...login, ...wrong }));
    const error = await other.verify().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SmtpError);
    expect(error).toMatchObject({ phase: "auth", outcome: "refused", permanent: true });
  },
);

test.each(["PLAIN", "CRAM-MD5"])("Exim: %s logs in, and a wrong password does not", async (authMethod) => {
  await using mail = smtp(at(exim.tlsPort, "on", { authMethod, ...user }));
  await mail.verify();
  await using other = smtp(at(exim.tlsPort, "on", { authMethod, ...user, password: "nonsense" }));
  await expect(other.verify()).rejects.toMatchObject({ phase: "auth", code: "535", outcome: "refused" });
});
