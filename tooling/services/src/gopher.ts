// Gophernicus from Debian's or Ubuntu's package, as an inetd runs it: one process for each connection, which speaks through its
// standard input and output. A globalSetup of its own.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { runnableTree } from "./account.ts";
import { debianPackage, libraryPath } from "./debian-package.ts";
import { close, listenOnLoopback } from "./ports.ts";
import type { Run } from "./run.ts";
import { sharedSetup } from "./shared-setup.ts";

/** What the server serves: by path, texts and menus. */
const SITE: Readonly<Record<string, string>> = {
  gophermap: [
    "Welcome to the burrow",
    "",
    "0A plain text\t/hello.txt",
    "1Documents\t/docs",
    "0A page that is not there\t/nothing.txt",
    "hSomewhere on the web\tURL:https://example.com/?a=1&b=2",
    "9A binary\t/bytes.bin",
  ].join("\n"),
  "hello.txt": "Hello from a gopher.\n.A line that begins with a dot.\n<b>Not HTML.</b>\n",
  "docs/gophermap": "Documents\n\n0One\tone.txt\n",
  "docs/one.txt": "Document one.\n",
  "long.txt": "A long line of text, again and again.\n".repeat(20_000),
};

export const setup = sharedSetup("gopher", async (run) => {
  const { file, env } = await gophernicus(run);
  mkdirSync(join(run.directory, "gopher/docs"), { recursive: true });
  run.writeSharedFile("gopher/bytes.bin", "\u0001\u0002");
  for (const [path, content] of Object.entries(SITE)) run.writeSharedFile(join("gopher", path), content);
  const root = join(run.directory, "gopher");
  const open = new Set<Socket>();
  let port = 0;
  const serve = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => {});
    const child = spawn(file, ["-h", "localhost", "-p", String(port), "-r", root, "-nf", "-nu", "-nv", "-nm"], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
      ...(run.account === undefined ? {} : { uid: run.account.uid, gid: run.account.gid }),
    });
    for (const stream of [child.stdin, child.stdout, child]) stream.on("error", () => socket.destroy());
    socket.on("close", () => {
      open.delete(socket);
      child.kill();
    });
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  };
  // The peer ends its side first, and is answered all the same.
  const make = (): Server => createServer({ allowHalfOpen: true, noDelay: true }, serve);
  const listening = await listenOnLoopback(make);
  port = listening.port;
  return {
    value: { hostname: "localhost", port },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all(listening.servers.map(close));
    },
  };
});

async function gophernicus(run: Run): Promise<{ readonly file: string; readonly env: Record<string, string> }> {
  const { tree, program } = await debianPackage(run, {
    name: "gophernicus",
    servers: [{ packageName: "gophernicus", program: "usr/sbin/gophernicus", probe: ["-v"] }],
    needed: /^(?:gophernicus|lib)/,
    howToInstall: "The tests of apps/gopher need a gopher server as Debian packages it: `apt-get install gophernicus`.",
  });
  const envOf = (root: string): Record<string, string> => ({ LC_ALL: "C", LD_LIBRARY_PATH: libraryPath(root) });
  const root = runnableTree(run, tree, program, envOf);
  return { file: join(root, program), env: { ...envOf(root), REMOTE_ADDR: "127.0.0.1" } };
}
