export { bundleSuite } from "./bundle.ts";
export type { Suite } from "./bundle.ts";
export { RUNTIMES } from "./binaries.ts";
export type { RuntimeId } from "./binaries.ts";
export { listTests, runSuite } from "./run.ts";
export type { Running, Settings } from "./run.ts";
export type { TestResult } from "./stand-in.ts";
