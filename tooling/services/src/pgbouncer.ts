// PgBouncer in front of the Postgres of the tests, as Debian packages it, or from PATH: in transaction mode and for the tests
// with two backends for everybody, so that who relies on a backend's memory is soon found out. A globalSetup of its own.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { ProvidedContext } from "vitest";
import { runnableTree } from "./account.ts";
import { debianPackage, libraryPath } from "./debian-package.ts";
import { loopbackAddresses } from "./ports.ts";
import { Run } from "./run.ts";
import { sharedSetup } from "./shared-setup.ts";
import { startServer } from "./start-server.ts";
import type { Services } from "./types.ts";

type PgBouncer = ProvidedContext["pgbouncer"];

export const setup = sharedSetup("pgbouncer", async (run, services) => ({
  value: await startPgBouncer(run, services),
}));

/** A PgBouncer for other than tests, with `poolSize` backends. */
export async function startPgBouncerAlone(
  services: Services,
  poolSize: number,
): Promise<{ readonly pgbouncer: PgBouncer; stop(): Promise<void> }> {
  const run = new Run();
  try {
    return { pgbouncer: await startPgBouncer(run, services, poolSize), stop: () => run.close() };
  } catch (cause) {
    await run.close();
    throw new Error(`PgBouncer did not start. ${(cause as Error).message}\n${run.logs()}`, { cause });
  }
}

async function startPgBouncer(run: Run, { certificate, postgres }: Services, poolSize = 2): Promise<PgBouncer> {
  const { file, env } = await pgBouncerBinary(run);
  const { username, password } = postgres.users.scram;
  run.makeDirectory("pgbouncer");
  const users = run.writeFile("pgbouncer/users.txt", `"${username}" "${password}"\n`);
  const cert = run.writeFile("pgbouncer/landline.crt", certificate.cert);
  const key = run.writeFile("pgbouncer/landline.key", certificate.key);
  const settings = (port: number): string => `
[databases]
* = host=127.0.0.1 port=${postgres.port}
[pgbouncer]
listen_addr = ${loopbackAddresses().join(",")}
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
admin_users = ${username}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
client_tls_sslmode = allow
client_tls_cert_file = ${cert}
client_tls_key_file = ${key}
server_tls_sslmode = prefer
`;
  const { port } = await startServer(run, ["port"], /process up/, (ports) => ({
    name: "pgbouncer",
    file,
    env,
    args: [run.writeFile("pgbouncer/pgbouncer.ini", settings(ports.port))],
    stopSignal: "SIGTERM",
  }));
  const hostname = "localhost";
  const url = (database: string): string =>
    `postgres://${username}:${password}@${hostname}:${port}/${database}?sslmode=verify-full`;
  return { hostname, port, url: url(postgres.database), adminUrl: url("pgbouncer") };
}

async function pgBouncerBinary(run: Run): Promise<{ file: string; env: Record<string, string> }> {
  const found = onPath("pgbouncer");
  if (found !== undefined) return { file: found, env: { LC_ALL: "C" } };
  const { tree, program } = await debianPackage(run, {
    name: "pgbouncer",
    servers: [{ packageName: "pgbouncer", program: "usr/sbin/pgbouncer" }],
    needed: /^(?:pgbouncer|lib)/,
    howToInstall:
      "The tests of the Postgres client need PgBouncer on PATH: `apt-get install pgbouncer` (Debian, Ubuntu), `brew install pgbouncer` (macOS).",
  });
  const envOf = (root: string): Record<string, string> => ({ LC_ALL: "C", LD_LIBRARY_PATH: libraryPath(root) });
  const root = runnableTree(run, tree, program, envOf);
  return { file: join(root, program), env: envOf(root) };
}

function onPath(program: string): string | undefined {
  for (const directory of [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"].filter(
    (part) => part !== "",
  )) {
    const file = join(directory, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not there
    }
  }
  return undefined;
}
