// What inject("services") is, for every test that the shared vitest preset runs. Types only.

import type { Services } from "./types.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly services: Services;
  }
}
