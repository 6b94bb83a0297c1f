// webpack reads JavaScript: what a published package is, its source is behind this.

import { transformSync } from "esbuild";

export default function stripTypes(source) {
  return transformSync(source, { loader: "ts", format: "esm", target: "es2024" }).code;
}
