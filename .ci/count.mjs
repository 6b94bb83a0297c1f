// count.mjs <report> <exit code>: prints "N passed, N failed" from vitest's JSON report and the exit code of the run. No
// report, an unreadable one, one without tests, and a run that failed outside of any test count as one failure. Plain
// JavaScript, because the system's Node runs it.

import { readFileSync } from "node:fs";

const [, , report, exitCode] = process.argv;
const { passed, failed } = count(report, exitCode === "0");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function count(file, success) {
  try {
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(file, "utf8"));
    if (!Number.isInteger(passed) || !Number.isInteger(failed)) return { passed: 0, failed: 1 };
    return { passed, failed: success && passed > 0 ? failed : Math.max(failed, 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
