// The page as a person meets it: it asks, draws, says what is not set up and what has failed, and stops.

import { inBrowser } from "@landline/scripts/in-browser";
import type {} from "@landline/services/provided";
import { join } from "node:path";
import { expect, inject, test } from "vitest";

/** What a row says. */
const row = (way: string): string =>
  `[...document.querySelectorAll("#rows tr")].find((row) => row.querySelector("th").firstChild.data === "${way}")`;

inBrowser(
  () => {
    const { postgres, ca } = inject("services");
    return {
      config: join(import.meta.dirname, "../wrangler.jsonc"),
      secrets: { DATABASE_URL: postgres.url, POOLER_URL: "" },
      caFile: ca.file,
    };
  },
  (open) => {
    test("it says what it will do, asks when it is told to, and stops", async () => {
      const page = await open();
      expect(await page.evaluate(`document.querySelector("#state").textContent`)).toBe("Nothing has been asked yet.");
      await page.click("#run");
      await page.until(`${row("durable")}.querySelector("td span").textContent.endsWith(" ms")`);
      await page.until(`document.querySelector("#state").textContent.startsWith("The object: ")`);
      expect(await page.evaluate(`${row("durable")}.querySelectorAll("td")[2].textContent`)).toMatch(/^[1-8]$/);
      expect(await page.evaluate(`${row("direct")}.querySelectorAll("td")[2].textContent`)).toMatch(/^[1-9]/);
      expect(await page.evaluate(`${row("pooler")}.querySelector(".bad").textContent`)).toBe("POOLER_URL is not set");
      await page.click("#run");
      expect(await page.evaluate(`document.querySelector("#run").textContent`)).toBe("Start");
      // The browser itself notes the one answer 501 as an error; it is not asked again.
      expect(page.faults.splice(0)).toHaveLength(4);
    });

    test("by the keyboard alone, and not with a number that is none", async () => {
      const page = await open();
      await page.evaluate(`document.querySelector("#callers").focus()`);
      await page.fill("#callers", "1000");
      const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" };
      await page.call("Input.dispatchKeyEvent", { type: "keyDown", ...enter });
      expect(await page.evaluate(`document.querySelector("#run").textContent`)).toBe("Start");
      await page.fill("#callers", "1");
      await page.call("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
      await page.call("Input.dispatchKeyEvent", { type: "keyDown", ...enter });
      await page.until(`document.querySelector("#run").textContent === "Stop"`);
      await page.until(`${row("pooler")}.querySelector(".bad").textContent !== ""`);
      expect(page.faults.splice(0)).toHaveLength(1);
    });

    test.for([320, 1280])("nothing runs over the edge at a width of %d pixels", async (width) => {
      const page = await open("/", { width });
      await page.evaluate(`document.querySelector(".bad").textContent = "an_error_without_a_break_".repeat(10)`);
      expect(await page.overflow()).toBe(0);
    });
  },
);
