// The code in the README of @landline/smtp runs: each block as a program of its own, against the real server. Its example
// server is that one, and what only Workers can import is kept for the reader to look at.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { markdownBlocks } from "../documents/blocks.ts";
import { linkModules } from "../documents/modules.ts";

const { ca, smtp: server } = inject("services");
const README = join(import.meta.dirname, "../../../packages/smtp/README.md");
// What other libraries need is run with them, by adapters-readme.test.ts.
const [own = ""] = readFileSync(README, "utf8").split("## Where your libraries plug in");
const blocks = markdownBlocks("README.md", own);
const directory = mkdtempSync(join(tmpdir(), "landline-readme-"));

// What the blocks use and do not make.
const READER = `
import { smtp } from "@landline/smtp";
const env = { SMTP_URL: ${JSON.stringify(server.url)}, EMAIL: { send: async (message) => void console.log("bound for", message.to) } };
Object.assign(globalThis, { env, mail: smtp(env.SMTP_URL), bytes: new TextEncoder().encode("Subject: x\\r\\n\\r\\nx\\r\\n") });
`;
const EMAIL = `export class EmailMessage { constructor(from, to, raw) { Object.assign(this, { from, to, raw }); } }`;
const ORDER = `await order(new Blob(["invoice"]).stream(), new Blob(["logo"]), "BEGIN:VCALENDAR\\r\\nEND:VCALENDAR\\r\\n");`;

beforeAll(() => {
  linkModules(directory);
  writeFileSync(join(directory, "reader.mjs"), READER);
  writeFileSync(join(directory, "email.mjs"), EMAIL);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(blocks)("line $line", async ({ line, code }) => {
  const here = code
    .replace("smtps://user:password@smtp.example", server.url)
    .replace('"cloudflare:email"', '"./email.mjs"');
  const further = code.includes("function order(") ? ORDER : "";
  writeFileSync(join(directory, `block-${line}.ts`), `${here}\n${further}\nconsole.log("to the end");\n`);
  const main = join(directory, `main-${line}.mjs`);
  writeFileSync(main, `import "./reader.mjs";\nawait import("./block-${line}.ts");\nprocess.exit();\n`);
  const { stdout } = await promisify(execFile)(process.execPath, [main], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca.file },
    timeout: 15_000,
  });
  expect(stdout).toMatch(/to the end\n/);
  if (code.includes("outbound.send(")) expect(stdout).toContain("bound for ann@a.example");
});

it("has code for each thing that it speaks of", () => expect(blocks.length).toBeGreaterThan(5));
