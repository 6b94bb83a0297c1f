#!/usr/bin/env node
// Runs the set in the foreground, for work by hand.

import { startServices } from "./start.ts";
import type { Services } from "./types.ts";

const HELP = `Usage: pnpm services [--json] [--help]

Starts Postgres, Redis (or Valkey) and an SMTP server on free loopback ports, with TLS from a throw-away CA, prints how to
reach them, and stops them all at Ctrl-C. Nothing is kept.

  --json   print the addresses as one line of JSON, for programs
  --help   this text
`;

const known = new Set(["--json", "--help", "-h", "--"]);
const args = process.argv.slice(2);
const unknown = args.filter((arg) => !known.has(arg));
if (unknown.length > 0) {
  process.stderr.write(`pnpm services: unknown argument ${unknown.join(" ")}\n\n${HELP}`);
  process.exitCode = 2;
} else if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(HELP);
} else {
  await serve();
}

async function serve(): Promise<void> {
  let ready = false;
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      // Asked to stop while starting: the process ends, and the reaper does the rest.
      process.on(signal, () => (ready ? resolve() : process.exit(130)));
    }
  });
  const running = await startServices().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  ready = true;
  process.stdout.write(args.includes("--json") ? `${JSON.stringify(running.services)}\n` : describe(running.services));
  await asked;
  await running.stop();
}

function describe({ ca, postgres, redis, smtp }: Services): string {
  const { password } = redis.user;
  return `
CA        ${ca.file}
          export NODE_EXTRA_CA_CERTS=${ca.file}

Postgres  ${postgres.url}
  by hand psql '${postgres.url}&sslrootcert=${ca.file}'
  admin   ${postgres.adminUrl}
  roles   ${Object.values(postgres.users)
    .map(({ username }) => username)
    .join(", ")} (each logs in the way its name says; password ${postgres.users.scram.password})

Redis     ${redis.url}
  TLS     ${redis.tlsUrl}
  by hand redis-cli -p ${redis.port}
          redis-cli -p ${redis.tlsPort} --tls --cacert ${ca.file} --user ${redis.user.username} --pass ${password}
  server  ${redis.flavour}

SMTP      ${smtp.starttlsUrl} (STARTTLS)
  TLS     ${smtp.url}
  by hand swaks --server localhost:${smtp.port} --tls --tls-ca-path ${ca.file} --auth-user ${smtp.user.username} --auth-password ${smtp.user.password} --to somebody@example.com
  mails   curl ${smtp.mailUrl}

Ready. Ctrl-C stops everything.
`;
}
