// The board as a person meets it: scores that appear at once and elsewhere, the limit in words, and a page when Redis is away.

import { inBrowser } from "@landline/scripts/in-browser";
import type { Page } from "@landline/scripts/chromium";
import type {} from "@landline/services/provided";
import { join } from "node:path";
import { expect, inject, test } from "vitest";

const services = inject("services");
const config = join(import.meta.dirname, "../wrangler.jsonc");
const caFile = services.ca.file;
const told = (page: Page): Promise<string> => page.evaluate(`document.querySelector("#told").textContent`);

async function score(page: Page, player: string, points: number): Promise<void> {
  await page.evaluate(`document.querySelector("#told").textContent = ""`);
  await page.fill("#player", player);
  await page.fill("#points", `${points}`);
  await page.click("#score button");
  await page.until(`document.querySelector("#told").textContent !== ""`);
}

inBrowser(
  () => ({ config, secrets: { REDIS_URL: services.redis.tlsUrl }, caFile }),
  (open) => {
    test("a score is on the board at once, here and for who watches", async () => {
      const player = `Ada <b> ${crypto.randomUUID().slice(0, 8)}`;
      const [watcher, page] = [await open(), await open()];
      await score(page, player, 900);
      expect(await told(page)).toMatch(/ has 900\. \d of 10 left\.$/);
      for (const each of [page, watcher]) {
        await each.until(
          `[...document.querySelectorAll("#board span")].some((one) => one.textContent === "${player}")`,
        );
        expect(await each.evaluate(`document.querySelectorAll("#board b b").length`)).toBe(0);
      }
    });

    test("who scores too often is told when to come back", async () => {
      const page = await open();
      for (let turn = 0; turn < 11; turn++) await score(page, "Eve", 1);
      expect(await told(page)).toMatch(/^That is more than 10 requests in 10 seconds\. Again in \d+ s\.$/);
      // The browser itself notes the answer 429 as an error.
      expect(page.faults.splice(0)).toContainEqual(expect.stringContaining("429"));
    });

    test("what is nowhere is a page for people, and JSON for programs", async () => {
      const page = await open("/nowhere");
      expect(await page.evaluate(`document.querySelector("[role=alert]").textContent`)).toBe(
        "There is nothing at this address.",
      );
      const kind = `fetch("/nowhere").then((response) => response.headers.get("content-type"))`;
      expect(await page.evaluate(kind)).toMatch(/^application\/json/);
      page.faults.length = 0;
    });

    test.for([320, 1280])("nothing runs over the edge at a width of %d pixels", async (width) => {
      const page = await open("/", { width });
      await page.evaluate(`document.querySelector("#state").textContent = "a_word_without_a_break_".repeat(10)`);
      expect(await page.overflow()).toBe(0);
    });
  },
);

inBrowser(
  () => ({ config, secrets: { REDIS_URL: "redis://localhost:1" }, caFile }),
  (open) => {
    test("without Redis there is a page that says so", async () => {
      const page = await open();
      expect(await page.evaluate(`document.querySelector("[role=alert]").textContent`)).toBe(
        "Redis does not answer; try again.",
      );
      expect(page.faults.splice(0)).toEqual([expect.stringContaining("503")]);
    });
  },
);
