// The code in core's README runs: each block as a program of its own, against real servers in place of its `*.example`.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { markdownBlocks } from "../documents/blocks.ts";

const CORE = join(import.meta.dirname, "../../../packages/core");
const { ca, certificate, redis } = inject("services");

const blocks = markdownBlocks("README.md", readFileSync(join(CORE, "README.md"), "utf8"));
const directory = mkdtempSync(join(tmpdir(), "landline-readme-"));
const mail = createServer(startTls);
const sockets = new Set<Socket>();
let servers: Record<string, string>;

beforeAll(async () => {
  mkdirSync(join(directory, "node_modules/@landline"), { recursive: true });
  symlinkSync(CORE, join(directory, "node_modules/@landline/core"));
  // What the blocks use and do not make.
  writeFileSync(
    join(directory, "reader.mjs"),
    `Object.assign(globalThis, { request: new Request("http://localhost/"), decoder: { push() {} } });`,
  );
  mail.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => mail.listen(0, "localhost", resolve));
  servers = {
    "cache.example:6379": `localhost:${redis.port}`,
    "cache.example:6380": `localhost:${redis.tlsPort}`,
    "localhost:6379": `localhost:${redis.port}`,
    "mail.example:143": `localhost:${(mail.address() as AddressInfo).port}`,
  };
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  mail.close();
  rmSync(directory, { recursive: true, force: true });
});

it.each(blocks)("line $line", async ({ line, code }) => {
  const program = code.replaceAll(/[\w.-]+:\d+/g, (address) => servers[address] ?? address);
  expect(program).not.toMatch(/\.example:\d/);
  const file = join(directory, `block-${line}.ts`);
  writeFileSync(file, `${program}\nconsole.log("to the end");\nprocess.exit();\n`);
  const run = promisify(execFile)(process.execPath, ["--import", join(directory, "reader.mjs"), file], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca.file },
    timeout: 15_000,
  });
  expect((await run).stdout).toMatch(/to the end\n$/);
});

/** An IMAP server as far as the README goes. */
function startTls(socket: Socket): void {
  socket.on("error", () => {});
  socket.write("* OK ready\r\n");
  socket.once("data", (line) => {
    if (String(line) !== "a STARTTLS\r\n") return socket.end("a BAD what\r\n");
    socket.write("a OK begin\r\n");
    return new TLSSocket(socket, { isServer: true, ...certificate }).on("error", () => {}).resume();
  });
}
