// Mails of others' making: react-email's markup, and the messages of better-auth and Auth.js.

import { Auth } from "@auth/core";
import type { ReceivedMail } from "@landline/services";
import { render, toPlainText } from "@react-email/render";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import PostalMime from "postal-mime";
import { createElement } from "react";
import { afterAll, expect, inject, test } from "vitest";
import { smtp } from "../../src/index.ts";

const { url, mailUrl } = inject("services").smtp;
const mail = smtp(url);
afterAll(() => mail.end());

async function onlyMail(to: string): Promise<Awaited<ReturnType<typeof PostalMime.parse>>> {
  const mails = (await (await fetch(`${mailUrl}?to=${encodeURIComponent(to)}`)).json()) as ReceivedMail[];
  expect(mails).toHaveLength(1);
  return PostalMime.parse(mails[0]?.raw ?? "");
}

const unique = (name: string): string => `${name}-${crypto.randomUUID()}@b.example`;

test("react-email renders, we send", async () => {
  const to = unique("react");
  const html = await render(createElement("p", null, "Hello, ", createElement("b", null, "Ann"), "!"));
  await mail.send({ from: "app@a.example", to, subject: "Welcome", html, text: toPlainText(html) });
  const received = await onlyMail(to);
  expect(received.html).toContain("<b>Ann</b>");
  expect(received.text).toContain("Hello, Ann!");
});

test("better-auth mails its links", async () => {
  const to = unique("better");
  const auth = betterAuth({
    baseURL: "http://localhost:8787",
    secret: "a secret that is long enough for the tests of this project",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true, requireEmailVerification: true },
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail: async ({ user, url: link }) => {
        await mail.send({ from: "app@a.example", to: user.email, subject: "Verify your address", text: link });
      },
    },
  });
  await auth.api.signUpEmail({ body: { email: to, password: "correct horse battery", name: "Ann" } });
  await expect
    .poll(() =>
      onlyMail(to).then(
        ({ subject }) => subject,
        () => "",
      ),
    )
    .toBe("Verify your address");
  expect((await onlyMail(to)).text).toContain("http://localhost:8787/api/auth/verify-email?token=");
});

test("Auth.js mails its links", async () => {
  const to = unique("authjs");
  const tokens = new Map<string, unknown>();
  const request = async (path: string, init?: RequestInit): Promise<Response> =>
    Auth(new Request(`http://localhost:8787/auth/${path}`, init), {
      secret: "a secret that is long enough",
      trustHost: true,
      basePath: "/auth",
      adapter: {
        createVerificationToken: async (token: { identifier: string }) => {
          tokens.set(token.identifier, token);
          return token;
        },
        useVerificationToken: async () => null,
        getUserByEmail: async () => null,
      } as never,
      providers: [
        {
          id: "email",
          type: "email",
          name: "Email",
          from: "app@a.example",
          maxAge: 3600,
          options: {},
          sendVerificationRequest: async ({ identifier, url: link, provider }) => {
            await mail.send({ from: provider.from ?? "", to: identifier, subject: "Sign in", text: link });
          },
        },
      ],
    });
  const csrf = await request("csrf");
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const answer = await request("signin/email", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      cookie: csrf.headers.get("set-cookie")?.split(";")[0] ?? "",
    },
    body: new URLSearchParams({ email: to, csrfToken }),
  });
  expect(answer.headers.get("location")).toContain("verify-request");
  expect(tokens.has(to)).toBe(true);
  expect((await onlyMail(to)).text).toContain("http://localhost:8787/auth/callback/email?");
});
