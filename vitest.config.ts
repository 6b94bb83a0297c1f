import { defineConfig } from "vitest/config";

// Where .ci/run wants a JSON report beside the usual output.
const report = process.env["LANDLINE_TEST_REPORT"];

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tooling/*"],
    ...(report === undefined ? {} : { reporters: ["default", ["json", { outputFile: report }]] }),
  },
});
