// Whether a process waits: for who waits for a connection, and for nothing that is over or idle.

import { execFile } from "node:child_process";
import { expect, inject, test } from "vitest";

const { blackHole, echo, silent } = inject("peers");
const CORE = new URL("../src/index.ts", import.meta.url).href;
const POOL = new URL("../src/pool/index.ts", import.meta.url).href;

const HEAD = `
  import { dial } from ${JSON.stringify(CORE)};
  import { Pool } from ${JSON.stringify(POOL)};
  const local = (port) => ({ hostname: "127.0.0.1", port });
  const told = (error) => console.log(error.code);
`;

interface Ran {
  readonly code: number | string | null;
  readonly out: string;
}

/** Runs a program. One that does not end by itself is ended, and has no code. */
function run(code: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "--eval", `${HEAD}${code}`], { timeout: 15_000 }, (error, out) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), out: out.trim() }),
    );
  });
}

// None of these awaits: what keeps the process is the work alone.
test.each([
  [
    "an acquire() that waits for a loan to come back",
    `const pool = new Pool({ create: async () => ({}), destroy() {} }, { max: 1 });
     const lease = await pool.acquire();
     pool.acquire({ timeout: 100 }).catch(told);`,
    "POOL_TIMEOUT",
  ],
  [
    "an acquire() that waits for a connection to be made",
    `const pool = new Pool({ create: () => new Promise(() => {}), destroy() {} }, { createTimeout: 200 });
     pool.acquire({ timeout: 100 }).catch(told);`,
    "POOL_TIMEOUT",
  ],
  [
    "the backoff before the next attempt",
    `let attempts = 0;
     const create = async () => {
       if (attempts++ === 0) throw new Error("no route");
       return {};
     };
     const pool = new Pool({ create, destroy() {} }, { backoffBase: 50 });
     await pool.acquire().catch(() => {});
     pool.acquire().then(() => console.log("made"));`,
    "made",
  ],
  ["a dial", `dial(local(${blackHole}), { connectTimeout: 100 }).catch(told);`, "TIMEOUT"],
  [
    "a pull",
    `const transport = await dial(local(${silent}));
     transport.pull({ timeout: 100 }).catch((error) => (told(error), transport.abort()));`,
    "TIMEOUT",
  ],
])("%s keeps the process until it settles", async (_, code, out) => {
  expect(await run(code)).toEqual({ code: 0, out });
});

test.each([
  [
    "a pool with nothing but idle ones in it",
    `const pool = new Pool({ create: async () => ({}), destroy() {} }, { idleTimeout: 60_000 });
     (await pool.acquire()).release();`,
  ],
  [
    "an acquire() that is settled",
    `const pool = new Pool({ create: async () => ({}), destroy() {} }, { max: 1, createTimeout: 60_000 });
     const lease = await pool.acquire();
     const next = pool.acquire({ timeout: 60_000 });
     lease.release();
     await next;`,
  ],
  [
    "a dial that is settled, once its transport is closed",
    `const transport = await dial(local(${echo}), { connectTimeout: 60_000 });
     await transport.close({ timeout: 60_000 });`,
  ],
  [
    "a dial that is given up",
    `const controller = new AbortController();
     const dialling = dial(local(${blackHole}), { connectTimeout: 60_000, signal: controller.signal });
     controller.abort();
     await dialling.catch(() => {});`,
  ],
  [
    "an open transport that is told not to",
    `const transport = await dial(local(${silent}));
     transport.receive({ data() {}, end() {}, error() {} });
     transport.ref(false);`,
  ],
])("%s keeps no process", async (_, code) => {
  expect(await run(`${code} console.log("to the end");`)).toEqual({ code: 0, out: "to the end" });
});

test("an open transport keeps the process", async () => {
  const { out } = await run(`
    const transport = await dial(local(${silent}));
    transport.receive({ data() {}, end() {}, error() {} });
    setTimeout(() => (console.log("still there"), transport.abort()), 100).unref();
  `);
  expect(out).toBe("still there");
});
