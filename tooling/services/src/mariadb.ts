// MariaDB from Debian's or Ubuntu's package, for the drivers that speak MySQL's protocol: a globalSetup of its own.
// The system tables come out of the package's SQL, by a server that reads it and ends; no installation script is run.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProvidedContext } from "vitest";
import { runnableTree } from "./account.ts";
import { debianPackage, libraryPath } from "./debian-package.ts";
import { loopbackAddresses } from "./ports.ts";
import type { Run } from "./run.ts";
import { sharedSetup } from "./shared-setup.ts";
import { startServer } from "./start-server.ts";
import type { Credentials, Services } from "./types.ts";

type MariaDb = ProvidedContext["mariadb"];

const DATABASE = "landline";
const TABLES = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];

export const setup = sharedSetup("mariadb", async (run, services) => ({ value: await startMariaDb(run, services) }));

async function startMariaDb(run: Run, { certificate }: Services): Promise<MariaDb> {
  const { tree, program } = await debianPackage(run, {
    name: "mariadb",
    servers: [
      { packageName: "mariadb-server-core", program: "usr/sbin/mariadbd", probe: ["--no-defaults", "--version"] },
    ],
    needed: /^(?:mariadb-server-core|lib)/,
    howToInstall:
      "The tests of existing drivers need MariaDB as Debian packages it: `apt-get install mariadb-server-core`.",
  });
  const envOf = (root: string): Record<string, string> => ({ LC_ALL: "C", LD_LIBRARY_PATH: libraryPath(root) });
  const root = runnableTree(run, tree, program, envOf);
  const share = join(root, "usr/share/mysql");
  const data = run.makeDirectory("mariadb");
  const user: Credentials = { username: "app", password: randomBytes(12).toString("hex") };
  const common = ["--no-defaults", `--datadir=${data}`, `--lc-messages-dir=${share}`, `--plugin-dir=${data}`];
  const command = { name: "mariadb", file: join(root, program), env: envOf(root), cwd: data };
  await run.execute({
    ...command,
    args: [...common, "--bootstrap", "--innodb-log-file-size=8M", "--default-storage-engine=Aria"],
    input: [
      "create database mysql;\nuse mysql;\nset @auth_root_socket = null;\n",
      ...TABLES.map((file) => readFileSync(join(share, file), "utf8")),
    ].join("\n"),
  });
  const init = run.writeFile(
    "mariadb-init.sql",
    [
      `create database ${DATABASE};`,
      `create user '${user.username}'@'%' identified by '${user.password}';`,
      `grant all on ${DATABASE}.* to '${user.username}'@'%';`,
    ].join("\n"),
  );
  const cert = run.writeFile("mariadb/landline.crt", certificate.cert);
  const key = run.writeFile("mariadb/landline.key", certificate.key);
  const { port } = await startServer(run, ["port"], /ready for connections/, (ports) => ({
    ...command,
    args: [
      ...common,
      `--bind-address=${loopbackAddresses().join(",")}`,
      `--port=${ports.port}`,
      `--socket=${data}/landline.sock`,
      `--init-file=${init}`,
      `--ssl-cert=${cert}`,
      `--ssl-key=${key}`,
      "--innodb-log-file-size=8M",
      "--innodb-flush-log-at-trx-commit=0",
      "--skip-name-resolve",
    ],
  }));
  return { hostname: "localhost", port, database: DATABASE, user };
}
