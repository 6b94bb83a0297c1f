// The Worker in workerd, in front of a real gopher server.

import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

const get = (path: string): Promise<Response> => exports.default.fetch(`http://worker.example${path}`);

test("shows the first menu, with links to what it can show", async () => {
  const response = await get("/");
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(html).toContain("Welcome to the burrow");
  expect(html).toContain(`href="/0/%2Fhello.txt">A plain text</a>`);
  expect(html).toContain(`href="/1/%2Fdocs">Documents</a>`);
  expect(html).toContain(`href="https://example.com/?a=1&amp;b=2">`);
  expect(html).toContain("A binary <small>(not shown here)</small>");
});

test("shows menus and texts, several requests at a time", async () => {
  const pages = await Promise.all(["/1/%2Fdocs", "/0/%2Fhello.txt", "/1/%2Fdocs", "/0/%2Fhello.txt"].map(get));
  const [menu = "", text = ""] = await Promise.all(pages.map((page) => page.text()));
  expect(menu).toContain(`>One</a>`);
  expect(text).toContain("&lt;b&gt;Not HTML.&lt;/b&gt;");
});

test("says what the gopher says where there is nothing, and refuses what is no selector", async () => {
  const nothing = await get("/1/%2Fnowhere%2F");
  expect(nothing.status).toBe(404);
  expect(await nothing.text()).toMatch(/<p>.*not found/i);
  expect((await get("/0/a%0d%0ab")).status).toBe(400);
  expect((await get("/0/%zz")).status).toBe(400);
  expect((await get("/elsewhere")).status).toBe(404);
});
