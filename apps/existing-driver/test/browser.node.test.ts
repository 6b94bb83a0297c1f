// The page as a person meets it: three ways beside each other, on a desk and on a phone.

import { inBrowser } from "@landline/scripts/in-browser";
import type {} from "@landline/services/provided";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { urlsOf } from "./urls.ts";

const services = inject("services");

inBrowser(
  () => ({
    config: join(import.meta.dirname, "../wrangler.jsonc"),
    secrets: urlsOf(services, inject("tlsProxy")),
    caFile: services.ca.file,
  }),
  (open) => {
    test.for([320, 1280])("three ways, each with what it cost, within a width of %d pixels", async (width) => {
      const page = await open("/", { width });
      const ways = await page.evaluate<string[][]>(
        `[...document.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td b")].map((b) => b.textContent))`,
      );
      expect(ways.map(([roundTrips]) => roundTrips)).toEqual(["4", "6", "5"]);
      for (const [, connect, query] of ways) {
        expect(connect).toMatch(/^\d+$/);
        expect(query).toMatch(/^\d+$/);
      }
      expect(await page.overflow()).toBe(0);
      // Where there is no room for a heading above the figures, each figure has its own before it.
      const named = await page.evaluate<string>(`getComputedStyle(document.querySelector("td"), "::before").content`);
      expect(named.includes("Round trips")).toBe(width < 720);
    });
  },
);
