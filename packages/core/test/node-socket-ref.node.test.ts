// ref() and unref(): whether a process waits for a socket that is open.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, inject, onTestFinished, test } from "vitest";

const SOURCE = new URL("../src/node-socket/index.ts", import.meta.url).href;

/** A process with a connected socket to a peer that never says a word; a line on its input closes the socket. */
function program(how: string): ChildProcess {
  const script = `
    import { nodeSocket } from ${JSON.stringify(SOURCE)};
    const socket = nodeSocket({ tls: "off" }).connect(${inject("peers").silent}, "localhost");
    socket.resume();
    ${how}
    socket.on("connect", () => console.log("connected"));
    process.stdin.once("data", () => socket.destroy()).unref();
    socket.on("close", () => process.stdin.destroy());
    process.on("exit", () => console.log(socket.destroyed ? "after the close" : "while it was open"));
  `;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "--eval", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  return child;
}

test.each([
  ["unref() before the connection", "socket.unref();"],
  ["unref() after it", 'socket.on("connect", () => setImmediate(() => socket.unref()));'],
])("%s lets the process exit", async (_, how) => {
  const child = program(how);
  let said = "";
  child.stdout!.on("data", (chunk) => (said += String(chunk)));
  const [code] = await once(child, "close", { signal: AbortSignal.timeout(15_000) });
  expect([code, said]).toEqual([0, "connected\nwhile it was open\n"]);
});

test.each([
  ["by default", ""],
  ["by a ref() after an unref()", "socket.unref().ref();"],
])("%s the process stays until the socket closes", async (_, how) => {
  const child = program(how);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("connected");
  child.stdin!.write("close\n");
  expect((await lines.next()).value).toBe("after the close");
  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  expect(code).toBe(0);
});
