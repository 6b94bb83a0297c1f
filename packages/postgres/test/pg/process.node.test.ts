// What only a process shows: whether it ends, what `require` gives, the password file, the emitter where Node's is missing.

import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, inject, test } from "vitest";

const { ca, postgres } = inject("services");
const facade = join(import.meta.dirname, "../../src/pg/index.ts");
const directory = mkdtempSync(join(tmpdir(), "landline-pg-"));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ran {
  readonly code: number | string | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program that has `pg`. One that does not end by itself is ended, and has no code. */
function run(kind: "mjs" | "cjs", code: string, env: Record<string, string> = {}): Promise<Ran> {
  const file = join(directory, `${crypto.randomUUID()}.${kind}`);
  const head =
    kind === "cjs"
      ? `const pg = require(${JSON.stringify(facade)}); const url = process.env.URL;`
      : `import pg, * as named from ${JSON.stringify(pathToFileURL(facade).href)}; const url = process.env.URL;`;
  writeFileSync(file, `${head}\n${code}`);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file],
      { env: { PATH: process.env["PATH"], URL: postgres.url, NODE_EXTRA_CA_CERTS: ca.file, ...env }, timeout: 6_000 },
      (error, out, err) => resolve({ code: error === null ? 0 : (error.code ?? null), out: out.trim(), err }),
    );
  });
}

test("import and require give the same", async () => {
  const names = "Client, Pool, Query, Cursor, Connection, Result, TypeOverrides, DatabaseError, types, defaults";
  const imported = await run("mjs", `console.log(Object.keys(pg).sort().join(), pg.Client === named.Client)`);
  const required = await run(
    "cjs",
    `const { ${names} } = require(${JSON.stringify(facade)});
     console.log(Object.keys(pg).sort().join(), pg.Client === Client);
     const client = new pg.Client(url);
     client.connect().then(() => client.query("select 1 as a")).then(({ rows }) => console.log(JSON.stringify(rows))).then(() => client.end());`,
  );
  expect(imported).toMatchObject({ code: 0 });
  expect(required).toMatchObject({ code: 0, out: `${imported.out}\n[{"a":1}]` });
  expect(required.out).toMatch(/^Client,.* true\n/);
});

describe("a process", () => {
  test("waits for a client that is connected", async () => {
    expect(await run("mjs", `const client = new pg.Client(url); await client.connect(); console.log("on");`)).toEqual({
      code: null,
      out: "on",
      err: "",
    });
  });

  test("does not wait for one that is unref'ed, and for one that is ref'ed again", async () => {
    const client = "const client = new pg.Client(url);";
    expect(await run("mjs", `${client} await client.connect(); client.unref(); console.log("off");`)).toMatchObject({
      code: 0,
      out: "off",
    });
    const again = `${client} await client.connect(); client.unref(); client.ref(); console.log("on");`;
    expect(await run("mjs", again)).toMatchObject({ code: null, out: "on" });
  });

  test("waits for an idle connection of a pool, unless allowExitOnIdle says not to", async () => {
    const work = "await pool.query('select 1'); await pool.query('select 2'); console.log('done');";
    const pool = (options: string): string =>
      `const pool = new pg.Pool({ connectionString: url, ${options} }); ${work}`;
    expect(await run("mjs", pool("allowExitOnIdle: true"))).toMatchObject({ code: 0, out: "done" });
    expect(await run("mjs", pool("idleTimeoutMillis: 0"))).toMatchObject({ code: null, out: "done" });
    expect(await run("mjs", pool("idleTimeoutMillis: 50"))).toMatchObject({ code: 0, out: "done" });
  });

  test("waits for a query, also of a pool that may exit when it is idle", async () => {
    const out = await run(
      "mjs",
      `const pool = new pg.Pool({ connectionString: url, allowExitOnIdle: true });
       await pool.query("select 1");
       const { rows } = await pool.query("select pg_sleep(0.2)::text, 2 as a");
       console.log(rows[0].a);`,
    );
    expect(out).toMatchObject({ code: 0, out: "2" });
  });
});

describe("the password file", () => {
  const { username, password } = postgres.users.scram;
  const place = {
    PGHOST: postgres.hostname,
    PGPORT: String(postgres.port),
    PGDATABASE: postgres.database,
    PGUSER: username,
    PGSSLMODE: "require",
  };
  const program = `const client = new pg.Client(); client.connect().then(() => client.query("select current_user::text as u")).then(
    ({ rows }) => { console.log(rows[0].u); return client.end(); }, (error) => console.log(error.message));`;
  const file = (text: string, mode: number): string => {
    const path = join(directory, crypto.randomUUID());
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test("has the password, by host, port, database and user", async () => {
    const text = `# mine\nelsewhere:*:*:*:wrong\n*:${postgres.port}:*:${username}:${password}\n*:*:*:*:late\n`;
    expect(await run("mjs", program, { ...place, PGPASSFILE: file(text, 0o600) })).toMatchObject({ out: username });
    const home = mkdtempSync(join(directory, "home-"));
    writeFileSync(join(home, ".pgpass"), text, { mode: 0o600 });
    expect(await run("cjs", program, { ...place, HOME: home })).toMatchObject({ out: username });
  });

  test("is told of and not used where others may read it", async () => {
    const { out, err } = await run("mjs", program, { ...place, PGPASSFILE: file(`*:*:*:*:${password}\n`, 0o644) });
    expect(out).toMatch(/asks for a password/);
    expect(err).toMatch(/read by others/);
    expect(out + err).not.toContain(password);
  });

  test("comes behind PGPASSWORD", async () => {
    const PGPASSFILE = file(`*:*:*:*:wrong\n`, 0o600);
    expect(await run("mjs", program, { ...place, PGPASSFILE, PGPASSWORD: password })).toMatchObject({ out: username });
    expect((await run("mjs", program, { ...place, PGPASSFILE })).out).toMatch(/authentication failed/);
  });
});

test("without node:events there is an emitter that does the same", async () => {
  const code = (mangle: string): string => `
    ${mangle}
    const { Client, Pool } = await import(${JSON.stringify(`${pathToFileURL(facade).href}`)} + "?" + Math.random());
    const { EventEmitter } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../src/pg/emitter.ts")).href)} + "?" + Math.random());
    const seen = [];
    const emitter = new EventEmitter();
    const say = (word) => (...args) => seen.push([word, ...args]);
    const twice = say("twice");
    emitter.on("a", say("on")).once("a", say("once")).prependListener("a", say("first")).prependOnceListener("a", say("zeroth"));
    emitter.addListener("b", twice).on("b", twice).off("b", twice);
    emitter.once("c", twice).removeListener("c", twice);
    seen.push(emitter.emit("a", 1, 2), emitter.emit("a", 3), emitter.emit("b"), emitter.emit("c"), emitter.eventNames());
    seen.push(emitter.listenerCount("a"), emitter.listeners("b").length, emitter.rawListeners("b")[0] === twice);
    seen.push(emitter.setMaxListeners(3) === emitter, emitter.getMaxListeners());
    emitter.once("d", () => emitter.on("d", say("added")));
    emitter.emit("d"); emitter.emit("d");
    try { emitter.emit("error", new Error("nobody")); } catch (error) { seen.push(error.message); }
    emitter.removeAllListeners("a"); seen.push(emitter.listenerCount("a")); emitter.removeAllListeners(); seen.push(emitter.eventNames());
    const pool = new Pool({ connectionString: url, max: 1 });
    for (const event of ["connect", "acquire", "release", "remove"]) pool.on(event, () => seen.push(event));
    seen.push((await pool.query("select 1 as a")).rows);
    const client = await pool.connect();
    client.on("notice", ({ message }) => seen.push(message));
    await client.query("do $$ begin raise notice 'heard'; end $$");
    client.release();
    await pool.end();
    console.log(JSON.stringify(seen), EventEmitter.name);`;
  const own = await run("mjs", code(`process.getBuiltinModule = undefined;`));
  const nodes = await run("mjs", code(""));
  expect(nodes).toMatchObject({ code: 0 });
  expect(nodes.out).toMatch(/ EventEmitter$/);
  expect(own.out).toBe(nodes.out.replace(/ EventEmitter$/, " PlainEmitter"));
});
