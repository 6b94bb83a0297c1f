// The page without a script, in workerd against the real servers.

import { beforeAll, expect, inject, test } from "vitest";
import type { Env } from "../src/env.ts";
import { createDatabase } from "./database.ts";
import { Visitor } from "./visitor.ts";

let own: Partial<Env>;

beforeAll(async () => {
  own = { DATABASE_URL: await createDatabase(inject("services")) };
});

test("an empty book invites", async () => {
  const fresh = { DATABASE_URL: await createDatabase(inject("services")) };
  const response = await new Visitor(fresh).fetch("/");
  expect(response.status).toBe(200);
  const page = await response.text();
  expect(page).toContain("Nobody has signed yet.");
  expect(page).toContain('<form id="sign" method="post" action="/">');
});

test("a form is answered by the way to the new entry, which is on the page", async () => {
  const visitor = new Visitor(own);
  const response = await visitor.submit({ name: "Ada", message: "Hello & goodbye\r\nAda" });
  expect(response.status).toBe(303);
  const id = /^\/#(entry-\d+)$/.exec(response.headers.get("location")!)?.[1];
  const page = await (await visitor.fetch("/")).text();
  expect(page).toContain(`<li id="${id}"`);
  expect(page).toContain("Hello &amp; goodbye\nAda</p>");
});

test("whatever a visitor writes is text", async () => {
  const visitor = new Visitor(own);
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea><script>alert(2)</script>",
    `" onfocus="alert(3)`,
    "' x='",
  ];
  for (const attack of attacks) await visitor.submit({ name: attack, message: attack });
  const invalid = await visitor.submit({
    name: `" autofocus onfocus="alert(4)`,
    message: `</textarea><script>alert(5)</script>${"x".repeat(1001)}`,
  });
  expect(invalid.status).toBe(422);
  for (const page of [await (await visitor.fetch("/")).text(), await invalid.text()]) {
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(page).not.toMatch(/<script>|<img|="alert/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/textarea\s*>/g)).toHaveLength(1);
  }
});

test("every answer says what the browser may do with it", async () => {
  const visitor = new Visitor(own);
  for (const [path, status] of [
    ["/", 200],
    ["/api/entries", 200],
    ["/nothing", 404],
    ["/live", 426],
  ] as const) {
    const { headers, status: given } = await visitor.fetch(path);
    expect(given).toBe(status);
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("cache-control")).toBe("no-store");
  }
});

test("a form that is refused keeps what was written, and says what is wrong with it", async () => {
  const response = await new Visitor(own).submit({ name: "", message: "My <long> text" });
  expect(response.status).toBe(422);
  const page = await response.text();
  expect(page).toContain("Please write a name.");
  expect(page).toMatch(/id="name"[^>]*aria-invalid="true"/);
  expect(page).not.toMatch(/id="message"[^>]*aria-invalid="true"/);
  expect(page).toContain("\nMy &lt;long&gt; text</textarea");
});

test("a visitor who signs too often reads so in the page, with the text kept", async () => {
  const visitor = new Visitor(own);
  for (let turn = 0; turn < 5; turn++)
    expect((await visitor.submit({ name: "Ada", message: "text" })).status).toBe(303);
  const response = await visitor.submit({ name: "Ada", message: "one too many" });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const page = await response.text();
  expect(page).toContain("That is more than 5 entries in 60 seconds. Try again in");
  expect(page).toContain("one too many</textarea");
});

test("older entries are a link away", async () => {
  const fresh = { DATABASE_URL: await createDatabase(inject("services")) };
  await Promise.all(Array.from({ length: 31 }, (_, index) => new Visitor(fresh).sign(`visitor ${index}`, "text")));
  const visitor = new Visitor(fresh);
  const first = await (await visitor.fetch("/")).text();
  expect(first.match(/<li id="entry-\d/g)).toHaveLength(30);
  const next = /href="(\/\?before=\d+)"/.exec(first)?.[1];
  const second = await (await visitor.fetch(next!)).text();
  expect(second.match(/<li id="entry-\d/g)).toHaveLength(1);
  expect(second).toContain('<a href="/">Newest entries</a>');
  expect(second).not.toContain("data-newest");
});
