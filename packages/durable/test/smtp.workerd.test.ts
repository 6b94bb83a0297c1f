// Mail by a pool object, and an outbox that is reset at every step, against a real server.

import { exports } from "cloudflare:workers";
import type { ReceivedMail } from "@landline/services";
import { expect, inject, test } from "vitest";
import type { StoredMail } from "../src/smtp/index.ts";
import type { SmtpAsked } from "./smtp-worker.ts";

const { smtp, redis } = inject("services");

interface Answered {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

async function ask(
  name: string,
  asked: Omit<SmtpAsked, "name" | "options"> & { readonly options?: Partial<SmtpAsked["options"]> },
): Promise<Answered> {
  const body = JSON.stringify({ ...asked, name, options: { url: smtp.url, ...asked.options } });
  const response = await exports.default.fetch("http://worker/smtp", { method: "POST", body });
  return (await response.json()) as Answered;
}

const messageTo = (...to: string[]): NonNullable<SmtpAsked["message"]> => ({
  from: "sender@durable.example",
  to,
  subject: "Hello",
  text: "Good day",
});

async function received(address: string): Promise<ReceivedMail[]> {
  return (await (await fetch(`${smtp.mailUrl}?to=${encodeURIComponent(address)}`)).json()) as ReceivedMail[];
}

async function eventually<T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + 8_000;
  for (;;) {
    const seen = await look();
    if (good(seen) || Date.now() > until) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stored(name: string, id: string, options?: Partial<SmtpAsked["options"]>): Promise<StoredMail> {
  const { value } = await ask(name, { act: "mail", id, ...(options === undefined ? {} : { options }) });
  return value as StoredMail;
}

/** Speaks no SMTP: whoever connects waits for a greeting. */
const SILENT = { url: `smtp://localhost:${redis.port}`, tls: "off" } as const;

test("a message is sent over a session that the object keeps", async () => {
  const to = "warm@durable.example";
  const { value } = await ask("warm", { act: "send", message: messageTo(to) });
  expect(value).toMatchObject({ accepted: [{ address: to, code: 250 }], rejected: [], unknown: [] });
  await ask("warm", { act: "send", message: messageTo(to) });
  expect(await received(to)).toHaveLength(2);
  expect(await ask("warm", { act: "stats" })).toEqual({ value: { sending: 0, sent: 2, failed: 0 } });
});

test("an attachment that is a stream comes whole", async () => {
  const to = "streamed@durable.example";
  const { error } = await ask("streamed", { act: "send", message: messageTo(to), streamed: 300_000 });
  expect(error).toBeUndefined();
  const [mail] = await received(to);
  expect((mail?.raw.match(/YWFh/g) ?? []).length).toBeGreaterThan(90_000);
});

test("what cannot be sent is an SmtpError with its fields, and a login that fails tells no password", async () => {
  const refused = await ask("login", { act: "verify", options: { password: "wrong-hidden", username: "nobody" } });
  expect(refused.error).toMatchObject({ name: "SmtpError", code: "535", outcome: "refused", phase: "auth" });
  expect(JSON.stringify(refused)).not.toContain("hidden");
  const wrong = await ask("wrong", { act: "send", message: { ...messageTo("not an address") } });
  expect(wrong.error).toMatchObject({ name: "TypeError" });
});

test("a mail in the outbox is delivered once, however often it is handed in under its id", async () => {
  const to = "once@durable.example";
  for (let time = 0; time < 3; time++)
    expect(await ask("once", { act: "store", message: messageTo(to), id: "order-1" })).toEqual({ value: "order-1" });
  const mail = await eventually(
    () => stored("once", "order-1"),
    ({ state }) => state === "done",
  );
  expect(mail).toMatchObject({ attempts: 1, recipients: [{ address: to, fate: "accepted", code: 250 }] });
  expect(await received(to)).toHaveLength(1);
  expect(await ask("once", { act: "fates" })).toEqual({ value: { accepted: 1 } });
});

test("a restart before the first attempt loses nothing", async () => {
  const to = "restart@durable.example";
  const { value } = await ask("restart", { act: "store", message: messageTo(to), after: 300 });
  expect(await ask("restart", { act: "reset" })).toEqual({ value: "reset" });
  const mail = await eventually(
    () => stored("restart", value as string),
    ({ state }) => state === "done",
  );
  expect(mail.recipients).toMatchObject([{ fate: "accepted" }]);
  expect(await received(to)).toHaveLength(1);
});

test("an attempt that a crash has cut off is unknown, and sent again only when its owner says so", async () => {
  const to = "crash@durable.example";
  const id = (await ask("crash", { act: "store", message: messageTo(to), options: SILENT })).value as string;
  await eventually(
    () => stored("crash", id, SILENT),
    ({ state }) => state === "sending",
  );
  await ask("crash", { act: "reset" });
  const mail = await eventually(
    () => stored("crash", id),
    ({ state }) => state === "done",
  );
  expect(mail).toMatchObject({ attempts: 1, recipients: [{ fate: "unknown" }] });
  expect(await received(to)).toHaveLength(0);
  expect(await ask("crash", { act: "retry", id })).toEqual({ value: true });
  const again = await eventually(
    () => stored("crash", id),
    ({ state }) => state === "done",
  );
  expect(again).toMatchObject({ attempts: 2, recipients: [{ fate: "accepted" }] });
  expect(await received(to)).toHaveLength(1);
});

test("where its owner has chosen so, an attempt that was cut off is made again", async () => {
  const to = "resend@durable.example";
  const options = { resendUnknown: true };
  const id = (await ask("resend", { act: "store", message: messageTo(to), options: { ...SILENT, ...options } }))
    .value as string;
  await eventually(
    () => stored("resend", id, { ...SILENT, ...options }),
    ({ state }) => state === "sending",
  );
  await ask("resend", { act: "reset", options });
  await ask("resend", { act: "retry", id, options });
  const mail = await eventually(
    () => stored("resend", id, options),
    ({ state }) => state === "done",
  );
  expect(mail.recipients).toMatchObject([{ fate: "accepted" }]);
});

test("a server that is not there is tried again, and given up when the mail is too old", async () => {
  const options = { url: "smtp://localhost:1", tls: "off", retryDelays: [100], maxAge: 1_500 } as const;
  const id = (await ask("absent", { act: "store", message: messageTo("absent@durable.example"), options }))
    .value as string;
  const mail = await eventually(
    () => stored("absent", id, options),
    ({ state }) => state === "done",
  );
  expect(mail.attempts).toBeGreaterThan(1);
  expect(mail.recipients).toMatchObject([{ fate: "expired" }]);
  expect(mail.lastError).toMatch(/connect/);
});

test("each recipient has a fate of its own, and only those are asked again who were refused for now", async () => {
  const [good, refused, later] = ["each@durable.example", "refused@durable.example", "later@durable.example"] as const;
  const options = { retryDelays: [200], maxAge: 2_000 };
  const id = (await ask("each", { act: "store", message: messageTo(good, refused, later), options })).value as string;
  const mail = await eventually(
    () => stored("each", id, options),
    ({ state }) => state === "done",
  );
  expect(mail.attempts).toBeGreaterThan(1);
  expect(mail.recipients).toMatchObject([
    { address: good, fate: "accepted", code: 250 },
    { address: refused, fate: "rejected", code: 550 },
    { address: later, fate: "expired", code: 450 },
  ]);
  expect(await received(good)).toHaveLength(1);
});

test("what waits can be cancelled, and what is done cannot", async () => {
  const to = "cancelled@durable.example";
  const id = (await ask("cancelled", { act: "store", message: messageTo(to), after: 60_000 })).value as string;
  expect(await ask("cancelled", { act: "cancel", id })).toEqual({ value: true });
  expect(await ask("cancelled", { act: "cancel", id })).toEqual({ value: false });
  expect((await stored("cancelled", id)).recipients).toMatchObject([{ fate: "cancelled" }]);
  expect(await received(to)).toHaveLength(0);
});
