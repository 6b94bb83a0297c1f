// The mail, and what the guestbook does while one of its servers is away.

import { afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import type { Env } from "../src/env.ts";
import { createDatabase } from "./database.ts";
import { Visitor } from "./visitor.ts";
import type { ApiProblem } from "./visitor.ts";

// Nothing listens on port 1.
const AWAY = {
  DATABASE_URL: "postgres://user:hidden-word@localhost:1/guestbook",
  REDIS_URL: "rediss://user:hidden-word@localhost:1",
  SMTP_URL: "smtps://user:hidden-word@localhost:1",
};

let own: Partial<Env>;
const log = vi.spyOn(console, "error");

beforeAll(async () => {
  own = { DATABASE_URL: await createDatabase(inject("services")) };
});

afterEach(() => {
  if (log.mock.calls.flat().join("\n").includes("hidden-word")) throw new Error("a password is in the log");
  log.mockReset();
});

test("the host gets a mail, by TLS and with a login, with nothing in it that is not text", async () => {
  const to = `${crypto.randomUUID()}@example.com`;
  await new Visitor({ ...own, MAIL_TO: to }).sign("Ada <b>", "Dear host,\n.\n<script>");
  const [mail, ...others] = await mailsTo(to);
  expect(others).toEqual([]);
  expect(mail).toMatchObject({
    from: "guestbook@example.com",
    to: [to],
    secure: true,
    user: inject("services").smtp.user.username,
  });
  expect(mail!.raw).toContain("Subject: Ada <b> signed your guestbook\r\n");
  expect(mail!.raw).toContain("Dear host,\r\n.\r\n<script>\r\n");
  expect(mail!.raw).toContain("Dear host,\r\n.\r\n&lt;script&gt;</blockquote>");
  expect(log).not.toHaveBeenCalled();
});

test("a name cannot write into the mail's headers", async () => {
  const to = `${crypto.randomUUID()}@example.com`;
  await new Visitor({ ...own, MAIL_TO: to }).sign("Ada\r\nBcc: all@example.com\r\n\r\nBuy!", "text");
  const [mail] = await mailsTo(to);
  expect(mail!.to).toEqual([to]);
  expect(mail!.raw.split("\r\n\r\n")[0]).not.toMatch(/^Bcc:/im);
});

test("without the mail server an entry is written all the same, and the failure is in the log", async () => {
  log.mockImplementation(() => {});
  const visitor = new Visitor({ ...own, SMTP_URL: AWAY.SMTP_URL });
  const entry = await visitor.sign("Ada", "no mail today");
  expect((await visitor.entries("?limit=1")).entries).toEqual([entry]);
  expect(log.mock.calls.flat().join("\n")).toMatch(new RegExp(`^mail for entry ${entry.id}: ConnectError `));
});

test("without Redis the book can be read, yet not signed", async () => {
  log.mockImplementation(() => {});
  const visitor = new Visitor({ ...own, REDIS_URL: AWAY.REDIS_URL });
  const page = await visitor.fetch("/");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("The counters are away.");
  const { response } = await visitor.post({ name: "Ada", message: "unlimited" });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("5");
  const problem = (await response.json()) as ApiProblem;
  expect(problem.error).toEqual({
    code: "unavailable",
    message: "The guestbook cannot reach one of its servers.",
    advice: "Try again in a few seconds.",
  });
  const { entries } = await visitor.entries("?limit=100");
  expect(entries.map(({ message }) => message)).not.toContain("unlimited");
});

test("without Postgres the page says so and keeps the visitor's text", async () => {
  log.mockImplementation(() => {});
  const visitor = new Visitor({ ...own, DATABASE_URL: AWAY.DATABASE_URL });
  const shown = await visitor.fetch("/");
  expect(shown.status).toBe(503);
  expect(await shown.text()).toContain("The guestbook cannot reach one of its servers.");
  const submitted = await visitor.submit({ name: "Ada", message: "my long letter" });
  expect(submitted.status).toBe(503);
  expect(await submitted.text()).toContain("my long letter</textarea");
  expect((await visitor.fetch("/api/entries")).status).toBe(503);
});

test("the health names the server that is away", async () => {
  log.mockImplementation(() => {});
  const response = await new Visitor({ ...own, REDIS_URL: AWAY.REDIS_URL }).fetch("/healthz");
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ok: false, postgres: true, redis: false });
});

test("an address that cannot be right is a fault of ours, and stays in the log", async () => {
  log.mockImplementation(() => {});
  const response = await new Visitor({ ...own, DATABASE_URL: "mysql://user:hidden-word@localhost" }).fetch(
    "/api/entries",
  );
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toContain('"internal"');
  expect(text).not.toContain("hidden-word");
  expect(log).toHaveBeenCalledOnce();
});

interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

async function mailsTo(address: string): Promise<ReceivedMail[]> {
  const { mailUrl } = inject("services").smtp;
  return (await fetch(`${mailUrl}?to=${encodeURIComponent(address)}`)).json();
}
