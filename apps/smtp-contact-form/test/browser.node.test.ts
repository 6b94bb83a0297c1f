// The form as a person meets it: a real browser, the Worker in workerd by its own wrangler.jsonc, a real mail server. Where there
// is no Chromium these tests are skipped, and their name says so; .ci/run installs it where it can.

import { Browser, findChromium } from "@landline/scripts/chromium";
import type { Page } from "@landline/scripts/chromium";
import { startWorker } from "@landline/scripts/worker";
import type { RunningWorker } from "@landline/scripts/worker";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

const executable = findChromium();
const why = executable === undefined ? " (SKIPPED: no Chromium on PATH, and CHROMIUM is not set)" : "";

describe.skipIf(executable === undefined)(`in a browser${why}`, () => {
  let worker: RunningWorker;
  let browser: Browser;
  let directory: string;

  beforeAll(async () => {
    const { smtp, ca } = inject("services");
    directory = mkdtempSync(join(tmpdir(), "landline-form-"));
    worker = await startWorker({
      config: join(import.meta.dirname, "../wrangler.jsonc"),
      secrets: { SMTP_URL: smtp.url },
      caFile: ca.file,
    });
    browser = await Browser.launch(executable as string);
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await worker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("a message with a file is sent, and its fate is shown", async () => {
    const page = await open();
    const file = join(directory, "notes.txt");
    writeFileSync(file, "what I meant");
    const email = `visitor-${crypto.randomUUID()}@example.com`;
    await page.fill("#name", "Grace");
    await page.fill("#email", email);
    await page.fill("#message", "With a file");
    const { root } = (await page.call("DOM.getDocument")) as { root: { nodeId: number } };
    const { nodeId } = (await page.call("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" })) as {
      nodeId: number;
    };
    await page.call("DOM.setFileInputFiles", { nodeId, files: [file] });
    await page.load(() => page.click("button"));
    expect(await page.evaluate(`document.querySelector("h1").textContent`)).toBe("Thank you");
    expect(await page.evaluate(`document.querySelectorAll("#office .accepted").length`)).toBe(1);
    expect(await page.evaluate(`document.querySelectorAll("#confirmation .accepted").length`)).toBe(1);
    const url = new URL(inject("services").smtp.mailUrl);
    url.searchParams.set("to", email);
    expect(await (await fetch(url)).json()).toHaveLength(1);
    expect(page.faults).toEqual([]);
  });

  test("the trap is out of sight and out of the way of the keyboard", async () => {
    const page = await open();
    expect(await page.evaluate(`document.querySelector("#website").getBoundingClientRect().right < 0`)).toBe(true);
    expect(await page.evaluate(`document.querySelector("#website").tabIndex`)).toBe(-1);
  });

  test.for([320, 1280])("nothing runs over the edge at a width of %d pixels", async (width) => {
    const page = await open();
    await page.call("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: false });
    expect(await page.evaluate(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)).toBe(
      true,
    );
  });

  async function open(): Promise<Page> {
    const page = await browser.open();
    await page.call("Network.setExtraHTTPHeaders", { headers: { "cf-connecting-ip": crypto.randomUUID() } });
    await page.load(worker.url);
    return page;
  }
});
