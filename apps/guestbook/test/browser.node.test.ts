// The whole guestbook as a person meets it: a real browser, the Worker in workerd by its own wrangler.jsonc, the real
// servers behind it. Where there is no Chromium these tests are skipped, and their name says so; .ci/run installs it
// where it can.

import { startWorker } from "@landline/scripts/worker";
import type { RunningWorker } from "@landline/scripts/worker";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { Browser, findChromium } from "@landline/scripts/chromium";
import type { Page } from "@landline/scripts/chromium";
import { createDatabase } from "./database.ts";

const executable = findChromium();
const why = executable === undefined ? " (SKIPPED: no Chromium on PATH, and CHROMIUM is not set)" : "";
const LONG = "a_word_without_a_break_".repeat(10);

describe.skipIf(executable === undefined)(`in a browser${why}`, () => {
  let worker: RunningWorker;
  let browser: Browser;
  let pages: Page[];

  beforeAll(async () => {
    const services = inject("services");
    worker = await startWorker({
      config: join(import.meta.dirname, "../wrangler.jsonc"),
      secrets: {
        DATABASE_URL: await createDatabase(services),
        REDIS_URL: services.redis.tlsUrl,
        SMTP_URL: services.smtp.url,
      },
      caFile: services.ca.file,
    });
    browser = await Browser.launch(executable!);
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await worker?.stop();
  });

  beforeEach(() => {
    pages = [];
  });

  afterEach(() => {
    const faults = pages.flatMap((page) => page.faults);
    if (faults.length > 0) throw new Error(`the page has faults: ${faults.join("; ")}`);
  });

  test("signing in one window shows the entry in both, as text, without a reload", async () => {
    const [reader, writer] = [await open(), await open()];
    for (const page of [reader, writer]) {
      await page.load(worker.url);
      await page.until(`!document.getElementById("live").hidden`);
      await page.evaluate(`void (window.stayed = true)`);
    }
    const counted = await reader.evaluate<number>(`Number(document.getElementById("count").textContent)`);
    await writer.fill("#name", "Ada <b>");
    await writer.fill("#message", "<img src=x onerror=alert(1)>\nsecond line");
    await writer.click("form button");
    await writer.until(`document.getElementById("status").textContent.startsWith("Thank you")`);
    for (const page of [reader, writer]) {
      await page.until(`document.querySelector("#entries li .name")?.textContent === "Ada <b>"`);
      expect(await page.evaluate(`document.querySelector("#entries li .message").textContent`)).toBe(
        "<img src=x onerror=alert(1)>\nsecond line",
      );
      expect(await page.evaluate(`document.querySelectorAll("#entries img, #entries b").length`)).toBe(0);
      expect(await page.evaluate(`document.querySelectorAll("#entries li").length`)).toBe(1);
      expect(await page.evaluate(`window.stayed`)).toBe(true);
    }
    expect(await reader.evaluate(`Number(document.getElementById("count").textContent)`)).toBe(counted + 1);
    expect(await writer.evaluate(`document.getElementById("message").value`)).toBe("");
  });

  test("without JavaScript the form posts, and the entry is on the page that follows", async () => {
    const page = await open();
    await page.call("Emulation.setScriptExecutionDisabled", { value: true });
    await page.load(worker.url);
    await page.fill("#name", "Grace");
    await page.fill("#message", "Nothing but HTML");
    await page.load(() => page.click("form button"));
    expect(await page.evaluate("location.hash")).toMatch(/^#entry-\d+$/);
    expect(await page.evaluate(`document.querySelector(":target .message").textContent`)).toBe("Nothing but HTML");
    expect(await page.evaluate(`document.querySelector(":target time").textContent`)).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    );
    expect(await page.evaluate(`document.getElementById("live").checkVisibility()`)).toBe(false);
  });

  test("an entry that was written before the socket opened is caught up with", async () => {
    const page = await open();
    // The script is held back until someone else has signed.
    await page.call("Fetch.enable", { patterns: [{ urlPattern: "*guestbook.js" }] });
    const held = Promise.withResolvers<string>();
    browser.on(page.session, "Fetch.requestPaused", ({ requestId }: { requestId: string }) => held.resolve(requestId));
    const loaded = page.load(worker.url);
    const requestId = await held.promise;
    await sign("Bob", "between the page and its script");
    await page.call("Fetch.continueRequest", { requestId });
    await loaded;
    await page.until(
      `document.querySelector("#entries li .message")?.textContent === "between the page and its script"`,
    );
    expect(await page.evaluate(`document.querySelectorAll("#entries li.fresh").length`)).toBe(1);
  });

  test("a visitor who signs too often reads when to come back, and keeps the text", async () => {
    const page = await open();
    await page.load(worker.url);
    for (let turn = 0; turn < 5; turn++) {
      await page.fill("#name", "Eve");
      await page.fill("#message", `turn ${turn}`);
      await page.click("form button");
      await page.until(
        `document.querySelector("#entries li .message")?.textContent === "turn ${turn}" && !document.querySelector("button").disabled`,
      );
    }
    await page.fill("#message", "one too many");
    await page.click("form button");
    await page.until(`document.getElementById("status").textContent.includes("Try again in")`);
    expect(await page.evaluate(`document.getElementById("message").value`)).toBe("one too many");
    // The browser itself notes the answer 429 as an error.
    expect(page.faults.splice(0)).toEqual([expect.stringContaining("429")]);
  });

  test.for([320, 768, 1280])("nothing runs over the edge at a width of %d pixels", async (width) => {
    await sign(LONG.slice(0, 60), LONG);
    const page = await open();
    await page.call("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: false });
    await page.load(worker.url);
    expect(await page.evaluate(`document.querySelectorAll("#entries li").length`)).toBeGreaterThan(0);
    const { clientWidth, scrollWidth } = await page.evaluate<{ clientWidth: number; scrollWidth: number }>(
      `(({ clientWidth, scrollWidth }) => ({ clientWidth, scrollWidth }))(document.documentElement)`,
    );
    expect(scrollWidth).toBe(clientWidth);
  });

  async function open(): Promise<Page> {
    const page = await browser.open();
    await page.call("Network.setExtraHTTPHeaders", { headers: { "cf-connecting-ip": crypto.randomUUID() } });
    pages.push(page);
    return page;
  }

  async function sign(name: string, message: string): Promise<void> {
    const response = await fetch(`${worker.url}/api/entries`, {
      method: "POST",
      headers: { "content-type": "application/json", "cf-connecting-ip": crypto.randomUUID() },
      body: JSON.stringify({ name, message }),
    });
    expect(response.status).toBe(201);
  }
});
