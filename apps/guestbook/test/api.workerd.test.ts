// The JSON API, in workerd against the real servers.

import { beforeAll, expect, inject, test } from "vitest";
import type { Env } from "../src/env.ts";
import { createDatabase } from "./database.ts";
import { Visitor } from "./visitor.ts";
import type { ApiProblem } from "./visitor.ts";

let own: Partial<Env>;

beforeAll(async () => {
  own = { DATABASE_URL: await createDatabase(inject("services")) };
});

test("visitors who all come first race for the table, and each entry is written", async () => {
  const fresh = { DATABASE_URL: await createDatabase(inject("services")) };
  const names = ["a", "b", "c", "d", "e", "f"];
  await Promise.all(names.map((name) => new Visitor(fresh).sign(name, "first!")));
  const { entries } = await new Visitor(fresh).entries();
  expect(entries.map(({ name }) => name).sort()).toEqual(names);
});

test("an entry comes back word for word", async () => {
  const visitor = new Visitor(own);
  const name = 'O\'Brien "<b>" ${1} %s 🎉';
  const message = "Line one\n\nline three\twith a tab; -- drop table";
  const { response } = await visitor.post({ name, message });
  expect(response.status).toBe(201);
  const { entry } = (await response.json()) as { entry: { id: string; createdAt: string } };
  expect(response.headers.get("location")).toBe(`/#entry-${entry.id}`);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(new Date(entry.createdAt).toISOString()).toBe(entry.createdAt);
  const { entries } = await visitor.entries("?limit=1");
  expect(entries).toEqual([{ id: entry.id, name, message, createdAt: entry.createdAt }]);
});

test("what is around a text is taken off, and line ends are made one kind", async () => {
  const entry = await new Visitor(own).sign("  Ada \n Lovelace ", "\r\n one\r\ntwo\rthree \n");
  expect(entry).toMatchObject({ name: "Ada Lovelace", message: "one\ntwo\nthree" });
});

test("half of a surrogate pair becomes a replacement character", async () => {
  expect(await new Visitor(own).sign("half", "a\uD83Cb")).toMatchObject({ message: "a\uFFFDb" });
});

test("pages follow each other without a gap", async () => {
  const fresh = { DATABASE_URL: await createDatabase(inject("services")) };
  for (const name of ["1", "2", "3", "4", "5"]) await new Visitor(fresh).sign(name, "text");
  const visitor = new Visitor(fresh);
  const first = await visitor.entries("?limit=2");
  expect(first.entries.map(({ name }) => name)).toEqual(["5", "4"]);
  const second = await visitor.entries(`?limit=2&before=${first.next}`);
  expect(second.entries.map(({ name }) => name)).toEqual(["3", "2"]);
  const third = await visitor.entries(`?limit=2&before=${second.next}`);
  expect(third).toMatchObject({ entries: [{ name: "1" }], next: null });
  const since = await visitor.entries(`?after=${second.entries[1]!.id}`);
  expect(since.entries.map(({ name }) => name)).toEqual(["5", "4", "3"]);
});

test.for([
  "?limit=0",
  "?limit=101",
  "?limit=-1",
  "?limit=x",
  "?limit=",
  "?before=1.5",
  "?after=1%20or%201",
  `?before=${"9".repeat(19)}`,
])("the query %s is refused", async (query) => {
  const response = await new Visitor(own).fetch(`/api/entries${query}`);
  expect(response.status).toBe(400);
  expect(((await response.json()) as ApiProblem).error).toMatchObject({
    code: "invalid_query",
    advice: expect.stringContaining("Leave"),
  });
});

test.for([
  ["no name", { message: "text" }, { name: "Please write a name." }],
  ["blanks for a name", { name: " \t\n ", message: "text" }, { name: "Please write a name." }],
  ["no message", { name: "Ada", message: "" }, { message: "Please write a message." }],
  ["nothing", {}, { name: "Please write a name.", message: "Please write a message." }],
  ["numbers", { name: 7, message: ["x"] }, { name: "Please write a name.", message: "Please write a message." }],
  ["a long name", { name: "🎉".repeat(61), message: "text" }, { name: "The name has 61 characters; 60 fit." }],
  [
    "a long message",
    { name: "Ada", message: "x".repeat(1001) },
    { message: "The message has 1001 characters; 1000 fit." },
  ],
  ["a NUL", { name: "Ada", message: "a\0b" }, { message: expect.stringContaining("control characters") }],
  [
    "an escape in the name",
    { name: "\u001b[31mAda", message: "text" },
    { name: expect.stringContaining("control characters") },
  ],
] as const)("%s is refused, field by field", async ([, body, fields]) => {
  const { response } = await new Visitor(own).post(body);
  expect(response.status).toBe(422);
  expect(((await response.json()) as ApiProblem).error).toEqual({
    code: "invalid_entry",
    message: expect.any(String),
    advice: expect.any(String),
    fields,
  });
});

test("texts of exactly the longest length are taken", async () => {
  const longest = { name: "🎉".repeat(60), message: "🎉".repeat(1000) };
  expect(await new Visitor(own).sign(longest.name, longest.message)).toMatchObject(longest);
});

test.for(["", "{", "null", "[]", '"text"', "7"])("the body %j is refused", async (body) => {
  const { response } = await new Visitor(own).post(body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as ApiProblem).error.code).toBe("invalid_json");
});

test.for(["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json5"])(
  "the type %s is refused",
  async (type) => {
    const { response } = await new Visitor(own).post('{"name":"a","message":"b"}', { "content-type": type });
    expect(response.status).toBe(415);
  },
);

test("a body that is too large is refused, with its length said or not", async () => {
  const visitor = new Visitor(own);
  const body = JSON.stringify({ name: "Ada", message: "x".repeat(20_000) });
  expect((await visitor.post(body)).response.status).toBe(413);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1024).fill(0x78));
    },
  });
  const headers = { "content-type": "application/json" };
  const response = await visitor.fetch("/api/entries", { method: "POST", headers, body: endless });
  expect(response.status).toBe(413);
  expect(pulled).toBeLessThan(100);
});

test.for([
  ["another origin", { origin: "https://elsewhere.example" }],
  ["no origin at all", { origin: "null" }],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://guestbook.example" }],
  ["a sister site", { "sec-fetch-site": "same-site" }],
] as const)("a page of %s cannot sign", async ([, headers]) => {
  const { response } = await new Visitor(own).post({ name: "Ada", message: "text" }, headers);
  expect(response.status).toBe(403);
  expect(((await response.json()) as ApiProblem).error.code).toBe("foreign_origin");
  const form = await new Visitor(own).submit({ name: "Ada", message: "text" }, headers);
  expect(form.status).toBe(403);
  expect(form.headers.get("content-type")).toContain("text/html");
});

test.for([
  { origin: "https://guestbook.example" },
  { "sec-fetch-site": "same-origin", origin: "https://proxied.example" },
])("the guestbook's own page can sign: %j", async (headers) => {
  const { response } = await new Visitor(own).post({ name: "Ada", message: "text" }, headers as Record<string, string>);
  expect(response.status).toBe(201);
});

test("a visitor who signs too often is told when to come back; others are not held up", async () => {
  const visitor = new Visitor(own);
  for (let turn = 0; turn < 5; turn++)
    expect((await visitor.post({ name: "Ada", message: `${turn}` })).response.status).toBe(201);
  const { response } = await visitor.post({ name: "Ada", message: "once more" });
  expect(response.status).toBe(429);
  const seconds = Number(response.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(((await response.json()) as ApiProblem).error).toMatchObject({
    code: "rate_limited",
    advice: expect.stringContaining(`${seconds} second`),
  });
  expect((await visitor.submit({ name: "Ada", message: "by form" })).status).toBe(429);
  expect((await new Visitor(own).post({ name: "Bob", message: "text" })).response.status).toBe(201);
  const { entries } = await visitor.entries("?limit=100");
  expect(entries.filter(({ message }) => message === "once more" || message === "by form")).toEqual([]);
});

test("what is refused costs no turn", async () => {
  const visitor = new Visitor(own);
  for (let turn = 0; turn < 8; turn++) await visitor.post({ name: "", message: "" });
  expect((await visitor.post({ name: "Ada", message: "text" })).response.status).toBe(201);
});

test("addresses of one household take turns together", async () => {
  const home = `2001:db8:7:${Math.floor(Math.random() * 65_536).toString(16)}`;
  for (let turn = 1; turn <= 5; turn++) {
    expect((await new Visitor(own, `${home}::${turn}`).post({ name: "Ada", message: "text" })).response.status).toBe(
      201,
    );
  }
  expect((await new Visitor(own, `${home}:1:2:3:4`).post({ name: "Ada", message: "text" })).response.status).toBe(429);
});

test("visits and entries are counted", async () => {
  const visitor = new Visitor(own);
  const stats = async (): Promise<{ visits: number; entries: number }> => (await visitor.fetch("/api/stats")).json();
  const before = await stats();
  await visitor.fetch("/");
  await visitor.sign("Ada", "text");
  const after = await stats();
  // Other files count, too.
  expect(after.visits).toBeGreaterThan(before.visits);
  expect(after.entries).toBeGreaterThan(before.entries);
});

test("addresses and methods that are not there are told so", async () => {
  const visitor = new Visitor(own);
  const nowhere = await visitor.fetch("/api/nothing");
  expect(nowhere.status).toBe(404);
  expect(((await nowhere.json()) as ApiProblem).error.code).toBe("not_found");
  const deleted = await visitor.fetch("/api/entries", { method: "DELETE" });
  expect(deleted.status).toBe(405);
  expect(deleted.headers.get("allow")).toBe("GET, POST");
  for (const path of ["/constructor", "/__proto__"]) expect((await visitor.fetch(path)).status).toBe(404);
  const page = await visitor.fetch("/nothing", { headers: { accept: "text/html,*/*" } });
  expect(page.headers.get("content-type")).toContain("text/html");
  const head = await visitor.fetch("/api/entries", { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(await head.text()).toBe("");
});

test("the health tells of the servers that the page needs", async () => {
  const response = await new Visitor(own).fetch("/healthz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ok: true, postgres: true, redis: true });
});
