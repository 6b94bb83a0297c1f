// `pnpm demo`: real Postgres, Redis and SMTP servers, and the guestbook in workerd in front of them, all on loopback and
// on free ports. Whatever was started is stopped again, whichever way the command ends.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServices } from "@landline/services";
import type { RunningServices } from "@landline/services";
import { takeTour } from "./demo-tour.ts";
import { startWorker } from "./worker.ts";
import type { RunningWorker } from "./worker.ts";

const HELP = `Usage: pnpm demo [--once]

Starts Postgres, Redis and an SMTP server on loopback, and the guestbook (apps/guestbook) in workerd, connected to all
three by verified TLS. Prints its address, and stops everything at Ctrl-C.

  --once   take the tour by HTTP instead of waiting: sign the book, read it back, see the live update, find the mail,
           be rate-limited. Prints a line for each step; exits 0, or 1 with the reason.
  --help   this text
`;

const CONFIG = join(import.meta.dirname, "../../apps/guestbook/wrangler.jsonc");
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface Flags {
  readonly once: boolean;
  readonly help: boolean;
}

type Started = RunningServices | RunningWorker;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
let stopping = false;

const flags = readFlags();
if (flags === undefined) process.exitCode = 2;
else if (flags.help) process.stdout.write(HELP);
else process.exitCode = await main(flags.once);
// A run that has come to its end leaves nothing that is worth waiting for.
process.exit();

function readFlags(): Flags | undefined {
  const options = {
    once: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n\n${HELP}`);
    return undefined;
  }
}

async function main(once: boolean): Promise<number> {
  const asked = Promise.withResolvers<"asked">();
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      // Asked twice: leave at once. The servers' reaper and the Worker's process see that we are gone, and go, too.
      if (stopping) process.exit(130);
      stopping = true;
      asked.resolve("asked");
    });
  }
  const started: Started[] = [];
  const log: string[] = [];
  try {
    return await Promise.race([run(once, started, log), asked.promise.then(() => 0)]);
  } catch (error) {
    const logs = started.map((each) => ("logs" in each ? each.logs() : "")).join("");
    if (logs.trim() !== "") say(`\nThe servers' logs:\n${logs.trim()}`);
    if (log.length > 0) say(`\nThe Worker's log:\n${log.join("\n")}`);
    say(`\nThe demo failed: ${reasonOf(error)}`);
    return 1;
  } finally {
    stopping = true;
    if (started.length > 0) say("Stopping.");
    for (const each of started.reverse()) await each.stop();
  }
}

async function run(once: boolean, started: Started[], log: string[]): Promise<number> {
  say("Starting Postgres, Redis and an SMTP server …");
  const running = await timed("They are ready", startServices(), started);
  const { ca, postgres, redis, smtp } = running.services;
  say("Building the guestbook and starting workerd …");
  const worker = await timed(
    "It answers",
    startWorker({
      config: CONFIG,
      secrets: { DATABASE_URL: postgres.url, REDIS_URL: redis.tlsUrl, SMTP_URL: smtp.url },
      caFile: ca.file,
      watch: !once,
      log: (level, message) => {
        log.push(`${level}: ${message}`);
        if (!once) say(`worker ${level}: ${message}`);
      },
    }),
    started,
  );
  const ended = worker.exited.then((reason) => {
    throw new Error(reason);
  });
  if (once) {
    await Promise.race([takeTour({ url: worker.url, mailUrl: smtp.mailUrl, say }), ended]);
    say("\nThe tour is done: every step held.");
    return 0;
  }
  say(`
The guestbook is at   ${worker.url}
The mail it sends is at ${smtp.mailUrl}   (JSON)

Try:
  - open the address in two windows and sign in one of them: the entry appears in both
  - sign six times within a minute
  - switch JavaScript off and sign
  - curl ${worker.url}/api/entries
  - curl ${worker.url}/api/entries -H 'content-type: application/json' -d '{"name":"Me","message":"Hello"}'
  - PGSSLROOTCERT=${ca.file} psql '${postgres.url}' -c 'table guestbook_entries'
  - change a file in apps/guestbook/src: the Worker is built anew

Ctrl-C stops everything.
`);
  return ended;
}

async function timed<T extends Started>(done: string, starting: Promise<T>, started: Started[]): Promise<T> {
  const begin = performance.now();
  const each = await starting;
  // Asked to stop while it started: nobody else will stop it.
  if (stopping) await each.stop();
  else started.push(each);
  say(`  ${done} after ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
  return each;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
