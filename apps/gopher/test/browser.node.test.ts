// A gopher server as a person browses it: menus lead to texts, and back; what is not there is a page too.

import { inBrowser } from "@landline/scripts/in-browser";
import type {} from "@landline/services/provided";
import { join } from "node:path";
import { expect, inject, test } from "vitest";

inBrowser(
  () => {
    const { hostname, port } = inject("gopher");
    return {
      config: join(import.meta.dirname, "../wrangler.jsonc"),
      secrets: { GOPHER_SERVER: `${hostname}:${port}` },
      caFile: inject("services").ca.file,
    };
  },
  (open) => {
    test("from the first menu to a text, and back", async () => {
      const page = await open();
      await page.load(() => page.click('main a[href^="/0/"]'));
      expect(await page.evaluate(`document.querySelector("pre").textContent`)).toContain("<b>Not HTML.</b>");
      expect(await page.evaluate(`document.querySelectorAll("pre b").length`)).toBe(0);
      await page.load(() => page.click("header a"));
      await page.load(() => page.click('main a[href^="/1/"]'));
      expect(await page.evaluate(`document.querySelector("header").textContent`)).toContain("/docs");
      expect(await page.evaluate(`document.querySelector("main").textContent`)).toContain("One");
    });

    test("what is nowhere is a page that leads back", async () => {
      const page = await open("/nowhere");
      expect(await page.evaluate(`document.querySelector("main").textContent`)).toBe("There is nothing here.");
      expect(await page.evaluate(`document.querySelector("header a").getAttribute("href")`)).toBe("/");
      // The browser itself notes the answer 404 as an error.
      expect(page.faults.splice(0)).toEqual([expect.stringContaining("404")]);
    });

    test.for([
      [320, "/"],
      [1280, "/"],
      [320, "/0/%2Flong.txt"],
    ] as const)("nothing runs over the edge at a width of %d pixels: %s", async ([width, path]) => {
      const page = await open(path, { width });
      expect(await page.overflow()).toBe(0);
    });
  },
);
