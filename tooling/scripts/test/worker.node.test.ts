// The runner of Workers: what it says when a Worker cannot be built, and that nothing of it outlives its command.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { startWorker } from "../worker.ts";

const SOURCE = `export default {
  fetch(request, env) {
    console.log("asked for", new URL(request.url).pathname);
    return new Response(env.SECRET);
  },
};
`;

let directory: string;
let config: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "landline-test-"));
  config = join(directory, "wrangler.jsonc");
  writeFileSync(config, `{ "name": "small", "main": "worker.js", "compatibility_date": "2026-11-01" }`);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

it("runs a Worker with its secrets, tells what it logs, and stops it", async () => {
  writeFileSync(join(directory, "worker.js"), SOURCE);
  const logged = Promise.withResolvers<string>();
  const worker = await startWorker({
    config,
    secrets: { SECRET: "quiet" },
    caFile: inject("services").ca.file,
    log: (level, message) => logged.resolve(`${level}: ${message}`),
  });
  expect(await (await fetch(`${worker.url}/door`)).text()).toBe("quiet");
  expect(await logged.promise).toBe("log: asked for /door");
  await worker.stop();
  await expect(fetch(worker.url)).rejects.toThrow("fetch failed");
});

it("says where a Worker that cannot be built is wrong", async () => {
  writeFileSync(join(directory, "worker.js"), `${SOURCE}import "./nowhere.js";\n`);
  const starting = startWorker({ config, secrets: {}, caFile: inject("services").ca.file });
  await expect(starting).rejects.toThrow(/worker\.js:7 Could not resolve "\.\/nowhere\.js"/);
});

it("leaves nothing behind when the command is killed", async () => {
  writeFileSync(join(directory, "worker.js"), SOURCE);
  const options = JSON.stringify({ config, secrets: {}, caFile: inject("services").ca.file });
  const module = JSON.stringify(new URL("../worker.ts", import.meta.url).href);
  const script = `const { startWorker } = await import(${module});
    process.stdout.write((await startWorker(${options})).url);`;
  const command = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(command.stdout.setEncoding("utf8"), "data")) as [string];
  expect((await fetch(url)).status).toBe(200);
  command.kill("SIGKILL");
  await expect
    .poll(
      () =>
        fetch(url).then(
          () => "answers",
          () => "gone",
        ),
      { timeout: 15_000 },
    )
    .toBe("gone");
});

it("says so when it ends by itself, and leaves nothing behind then either", async () => {
  writeFileSync(join(directory, "worker.js"), `export default { fetch: () => new Response("here") };\n`);
  const worker = await startWorker({ config, secrets: {}, caFile: inject("services").ca.file });
  process.kill(worker.pid, "SIGKILL");
  expect(await worker.exited).toContain("SIGKILL");
  await expect
    .poll(
      () =>
        fetch(worker.url).then(
          () => "answers",
          () => "gone",
        ),
      { timeout: 15_000 },
    )
    .toBe("gone");
  await worker.stop();
});
