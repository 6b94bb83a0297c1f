// The environment and the password file, as libpq reads them.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {} from "@landline/services/provided";
import { afterAll, expect, inject, test } from "vitest";
import { environment } from "../src/environment.ts";
import { postgres } from "../src/index.ts";

const { ca, postgres: server } = inject("services");
const directory = mkdtempSync(join(tmpdir(), "landline-environment-"));
afterAll(() => rmSync(directory, { recursive: true }));

function passfile(text: string, mode = 0o600): string {
  const path = join(directory, crypto.randomUUID());
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const { username: PGUSER, password } = server.users.scram;
const PGPORT = String(server.port);
const base = { PGHOST: server.hostname, PGPORT, PGUSER, PGDATABASE: server.database };

test("is enough for a connection", async () => {
  const PGPASSFILE = passfile(
    `# mine\nelsewhere:*:*:*:wrong\n${server.hostname}:${PGPORT}:*:${PGUSER}:${password}\n*:*:*:*:late\n`,
  );
  await using sql = postgres({
    ...environment({ ...base, PGPASSFILE, PGSSLROOTCERT: ca.file, PGAPPNAME: "from outside" }),
    max: 1,
  });
  expect(await sql`select current_user::text as u, current_setting('application_name') as a`).toEqual([
    { u: PGUSER, a: "from outside" },
  ]);
});

test("a password of its own comes first, and what is escaped in the file is unescaped", () => {
  const PGPASSFILE = passfile(String.raw`a\:b:5432:d:u\\v:p\:w\\x:y`);
  const place = { PGHOST: "a:b", PGDATABASE: "d", PGUSER: String.raw`u\v`, PGPASSFILE };
  expect(environment(place).password).toBe(String.raw`p:w\x:y`);
  expect(environment({ ...place, PGPASSWORD: "mine" }).password).toBe("mine");
  expect(environment({ ...place, PGUSER: "w" }).password).toBeUndefined();
});

test("a password file that others may read is refused, and a missing one is none", () => {
  expect(() => environment({ ...base, PGPASSFILE: passfile("*:*:*:*:x", 0o644) })).toThrow(/chmod 600/);
  expect(environment({ ...base, PGPASSFILE: join(directory, "nowhere") }).password).toBeUndefined();
  expect(() => environment({ ...base, PGSSLROOTCERT: join(directory, "nowhere") })).toThrow(TypeError);
});

test("what a variable says, the parameter of that meaning would", () => {
  expect(
    environment({
      PGHOST: "a,b",
      PGPORT: "1,2",
      USER: "me",
      PGTARGETSESSIONATTRS: "standby",
      PGSSLMODE: "require",
      PGSSLNEGOTIATION: "direct",
      PGTZ: "UTC",
    }),
  ).toMatchObject({
    host: "a,b",
    port: [1, 2],
    user: "me",
    targetSession: "standby",
    tls: { mode: "on", alpn: ["postgresql"] },
    settings: { timezone: "UTC" },
  });
  expect(() => environment({ ...base, PGSSLMODE: "maybe" })).toThrow(/sslmode/);
});
