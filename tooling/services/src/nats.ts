// nats-server from Debian's or Ubuntu's package, with a token for its login: a globalSetup of its own.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { runnableTree } from "./account.ts";
import { debianPackage } from "./debian-package.ts";
import { sharedSetup } from "./shared-setup.ts";
import { startServer } from "./start-server.ts";

export const setup = sharedSetup("nats", async (run) => {
  const { tree, program } = await debianPackage(run, {
    name: "nats-server",
    servers: [{ packageName: "nats-server", program: "usr/sbin/nats-server" }],
    needed: /^nats-server/,
    howToInstall: "The tests of apps/nats need the server as Debian packages it: `apt-get install nats-server`.",
  });
  const root = runnableTree(run, tree, program);
  const token = randomBytes(12).toString("hex");
  const { port } = await startServer(run, ["port"], /Server is ready/, (ports) => ({
    name: "nats",
    file: join(root, program),
    args: ["--addr", "localhost", "--port", String(ports.port), "--auth", token],
  }));
  return { value: { hostname: "localhost", port, token } };
});
