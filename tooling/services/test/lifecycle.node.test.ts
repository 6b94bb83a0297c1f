// A set leaves nothing behind, whichever way it ends, and does not mind another one.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import type { Services } from "../src/types.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

async function start(): Promise<{ child: ChildProcess; services: Services }> {
  const child = spawn(process.execPath, [MAIN, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.endsWith("\n")) break;
  }
  return { child, services: JSON.parse(output) as Services };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function remains({ ca, postgres, redis, smtp }: Services): Promise<string[]> {
  const ports = {
    postgres: postgres.port,
    redis: redis.port,
    redisTls: redis.tlsPort,
    smtp: smtp.port,
    smtps: smtp.tlsPort,
  };
  const open = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => ((await accepts(port)) ? [name] : [])),
  );
  return [...open.flat(), ...(existsSync(dirname(ca.file)) ? ["directory"] : [])];
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s stops a set before the process ends", async (signal) => {
  const { child, services } = await start();
  expect(await remains(services)).toHaveLength(6);
  child.kill(signal);
  const [code] = (await once(child, "exit")) as [number];
  expect(await remains(services)).toEqual([]);
  expect(code).toBe(0);
});

test("two sets run side by side, and SIGKILL of one takes its servers and not the other's", async () => {
  const [first, second] = await Promise.all([start(), start()]);
  first.child.kill("SIGKILL");
  await expect.poll(() => remains(first.services), { timeout: 15_000 }).toEqual([]);
  expect(await remains(second.services)).toHaveLength(6);
  expect(await remains(inject("services"))).toHaveLength(6);
  second.child.kill();
  await once(second.child, "exit");
  expect(await remains(second.services)).toEqual([]);
});

test("a set that does not start says why, with the logs, and leaves nothing", async () => {
  const place = mkdtempSync(join(tmpdir(), "landline-test-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const [programs, temporary] = [mkdtempSync(join(place, "bin-")), mkdtempSync(join(place, "tmp-"))];
  writeFileSync(
    join(programs, "valkey-server"),
    '#!/bin/sh\n[ "$1" = --version ] && echo "Valkey server v=9.9.9" || { echo out of luck; exit 3; }\n',
  );
  for (const path of [place, programs, temporary, join(programs, "valkey-server")]) chmodSync(path, 0o755);

  const env = { ...process.env, PATH: `${programs}:${process.env["PATH"]}`, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "ignore", "pipe"] });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(errors).toMatch(/redis ended with 3 while starting/);
  expect(errors).toMatch(/out of luck/);
  expect(errors).toMatch(/--- postgres/);
  expect(code).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
});
