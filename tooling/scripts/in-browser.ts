// An app as a person meets it: a real browser, and the Worker in workerd by its own wrangler.jsonc. Where there is no Chromium the tests
// are skipped, and their name says so; .ci/run installs it where it can.

import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { Browser, findChromium } from "./chromium.ts";
import type { Page } from "./chromium.ts";
import { startWorker } from "./worker.ts";
import type { RunningWorker, WorkerOptions } from "./worker.ts";

/** Opens a path of the app in a window of its own, so wide and with so much light. */
export type Open = (path?: string, look?: Look) => Promise<Page>;

/** How a window is. */
export interface Look {
  /** In pixels. Default 1,280. */
  readonly width?: number;
  readonly dark?: boolean;
}

/** Tests in a browser. What a page should not have, such as an exception, fails its test. */
export function inBrowser(options: () => WorkerOptions, tests: (open: Open) => void): void {
  const executable = findChromium();
  const why = executable === undefined ? " (SKIPPED: no Chromium on PATH, and CHROMIUM is not set)" : "";
  describe.skipIf(executable === undefined)(`in a browser${why}`, () => {
    let worker: RunningWorker;
    let browser: Browser;
    let pages: Page[] = [];

    beforeAll(async () => {
      worker = await startWorker(options());
      browser = await Browser.launch(executable as string);
    });

    afterAll(async () => {
      await browser?.[Symbol.asyncDispose]();
      await worker?.stop();
    });

    afterEach(() => {
      const faults = pages.flatMap((page) => page.faults);
      pages = [];
      if (faults.length > 0) throw new Error(`the page has faults: ${faults.join("; ")}`);
    });

    tests(async (path = "/", { width = 1_280, dark = false } = {}) => {
      const page = await browser.open();
      pages.push(page);
      const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: false };
      await page.call("Emulation.setDeviceMetricsOverride", metrics);
      const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
      await page.call("Emulation.setEmulatedMedia", { features });
      await page.load(`${worker.url}${path}`);
      return page;
    });
  });
}
