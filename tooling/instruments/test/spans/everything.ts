// One of everything that clients do, well and badly, with the same two words in all that is confidential: `word` where there are
// parameters, keys, addresses and bodies, `secret` where there are passwords that are refused. Runs on Node and in workerd.

import type { Observer } from "@landline/core";
import { postgres } from "@landline/postgres";
import type { Sql } from "@landline/postgres";
import { Client } from "@landline/postgres/pg";
import { redis, script } from "@landline/redis";
import { smtp } from "@landline/smtp";
import type { Message } from "@landline/smtp";

/** What to use. */
export interface Everything {
  readonly urls: { readonly postgres: string; readonly redis: string; readonly smtp: string };
  readonly observe?: Observer;
  readonly word: string;
  readonly secret: string;
}

/** The names of what is told, as often as it happens. `!`: it fails. */
export const TOLD: Readonly<Record<string, number>> = {
  // One for each client that connects, and for the one that listens; the client of node-postgres' surface is its own.
  connect: 7,
  "!connect": 4,
  "SELECT landline": 10,
  "!SELECT landline": 6,
  // Of texts that begin with no word of SQL: one alone, and one of several.
  "!query landline": 1,
  "INSERT landline": 2,
  "CREATE landline": 2,
  "BATCH SELECT landline": 1,
  "!BATCH landline": 1,
  "COPY landline": 2,
  "!COPY landline": 4,
  "COMMIT landline": 1,
  "!COMMIT landline": 1,
  "ROLLBACK landline": 1,
  "SAVEPOINT landline": 1,
  "RELEASE landline": 1,
  "LISTEN landline": 1,
  SET: 1,
  GET: 1,
  "!INCR": 1,
  "!GET": 1,
  PIPELINE: 1,
  "PIPELINE GET": 1,
  MULTI: 1,
  "!MULTI": 1,
  BLPOP: 1,
  "!EVALSHA": 1,
  EVAL: 1,
  "!EVAL": 1,
  SUBSCRIBE: 1,
  PUBLISH: 1,
  WATCH: 1,
  SCAN: 1,
  send: 1,
  "!send": 4,
};

/** Does all of it. Nothing that fails in here is an error; what does not fail and should, is. */
export async function everything({ urls, observe, word, secret }: Everything): Promise<void> {
  const options = observe === undefined ? {} : { observe };
  await postgresDoes(urls.postgres, options, word);
  await facadeDoes(urls.postgres, options, word, secret);
  await redisDoes(urls.redis, options, word);
  await smtpDoes(urls.smtp, options, word);
  await Promise.all([
    fails(postgres({ url: withPassword(urls.postgres, secret), ...options })`select 1`),
    fails(redis(withPassword(urls.redis, secret), options).get(word)),
    fails(smtp({ url: withPassword(urls.smtp, secret), ...options }).send(messageOf(word))),
  ]);
}

type Options = { readonly observe?: Observer };

async function postgresDoes(url: string, options: Options, word: string): Promise<void> {
  const sql = postgres({ url, max: 2, ...options });
  await sql`select ${word}::text`;
  await sql.unsafe(`select '${word}'`);
  await sql`select ${word}::text`.forEach(() => {});
  await sql`select ${word}::text`.describe();
  await fails(sql`select ${word}::int`);
  await fails(sql.unsafe(`${word.replaceAll(/\W|\d/g, "")} is no statement`));
  await fails(sql`select ${word}::text, pg_sleep(60)`.timeout(20));
  await fails(sql`select ${word}::text, pg_sleep(60)`.signal(aborted(word)));
  await cursors(sql, word);
  await sql.batch([sql`select ${word}::text`, sql`select ${word}::text as again`]);
  await fails(sql.batch([sql`select ${word}::text`, sql`insert into nowhere values (${word})`]));
  await copies(sql, word);
  await transactions(sql, word);
  const heard = sql.listen(word);
  await heard.ready();
  await sql.notify(word, word);
  await heard.next();
  await heard.return();
  await sql.end();
}

async function cursors(sql: Sql, word: string): Promise<void> {
  for await (const _ of sql`select ${word}::text, n from generate_series(1, 10) n`.cursor(3));
  for await (const _ of sql`select ${word}::text, n from generate_series(1, 10) n`.cursor(3)) break;
  const failing = sql`select 1 / (n - 5), ${word}::text from generate_series(1, 10) n`.cursor(2);
  await fails(Array.fromAsync(failing));
}

async function copies(sql: Sql, word: string): Promise<void> {
  await new Response(await sql.unsafe(`copy (select '${word}') to stdout`).readable()).text();
  const out = sql.unsafe(`copy (select repeat('${word}', 1000) from generate_series(1, 10000)) to stdout`);
  await (await out.readable()).cancel(new Error(word));
  await fails(sql.unsafe(`copy (select '${word}'::int) to stdout`).readable());
  await using own = await sql.reserve();
  await own.unsafe("create temporary table spans (word text, n int)");
  const into = async (lines: string): Promise<void> => {
    const writer = (await own`copy spans from stdin`.writable()).getWriter();
    await writer.write(lines);
    await writer.close();
  };
  await into(`${word}\t1\n`);
  await fails(into(`${word}\t${word}\n`));
  const writer = (await own`copy spans from stdin`.writable()).getWriter();
  await writer.abort(new Error(word));
}

async function transactions(sql: Sql, word: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.savepoint(word.replaceAll("-", "_"), async (inner) => inner`select ${word}::text`);
  });
  await fails(
    sql.begin(async (tx) => {
      await tx`create temporary table once (word text unique deferrable initially deferred) on commit drop`;
      for (const _ of [1, 2]) await tx`insert into once values (${word})`;
    }),
  );
  await fails(
    sql.begin(async (tx) => {
      await tx`select ${word}::text`;
      throw new Error(word);
    }),
  );
}

async function facadeDoes(url: string, options: Options, word: string, secret: string): Promise<void> {
  const connectionString = url.replace(/\?.*/, "");
  const ssl = url.includes("sslmode=");
  const client = new Client({ connectionString, ssl, ...options });
  await client.connect();
  await client.query("select $1::text", [word]);
  await fails(client.query(`select '${word}'::int`));
  await client.end();
  const refused = new Client({ connectionString: withPassword(connectionString, secret), ssl, ...options });
  await fails(refused.connect());
}

async function redisDoes(url: string, options: Options, word: string): Promise<void> {
  const kv = redis(url, options);
  await kv.set(word, word, "EX", 60);
  await kv.get(word);
  await fails(kv.call("INCR", word));
  await kv.pipeline().get(word).call("LPUSH", word, word).exec();
  await kv.pipeline().get(word).get(word).exec();
  await kv.multi().get(word).set(word, word).exec();
  await fails(kv.multi().get(word).call(`NO${word}`).exec());
  await kv.blpop(`${word}:none`, 0.05);
  // A script that the server has never seen.
  await kv.run(script(`return ARGV[1] -- ${crypto.randomUUID()}`), [word], [word]);
  await fails(kv.call("EVAL", "return redis.error_reply(ARGV[1])", 0, word));
  const heard = kv.subscribe(word);
  await heard.ready;
  await kv.publish(word, word);
  await heard.next();
  await heard.unsubscribe();
  {
    await using own = await kv.reserve();
    await own.watch(word);
  }
  await Array.fromAsync(kv.scanIterator({ match: word, count: 1_000_000 }));
  await kv.end();
}

async function smtpDoes(url: string, options: Options, word: string): Promise<void> {
  const mail = smtp({ url, ...options });
  await mail.send(messageOf(word));
  await fails(mail.send({ ...messageOf(word), to: `refused-${word}@b.example` }));
  await fails(mail.send(messageOf(word), { signal: AbortSignal.abort(new Error(word)) }));
  await fails(
    mail.send({
      ...messageOf(word),
      attachments: [{ filename: `${word}.txt`, content: broken(word) }],
    }),
  );
  await mail.end();
}

function messageOf(word: string): Message {
  return {
    from: `${word}@a.example`,
    to: `${word}@b.example`,
    subject: word,
    text: word,
    headers: { "X-Word": word },
  };
}

/** A stream that fails under way. */
function broken(word: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(word)),
    pull: () => Promise.reject(new Error(word)),
  });
}

function withPassword(url: string, password: string): string {
  const changed = new URL(url);
  changed.password = password;
  return changed.href;
}

/** Aborts a moment from now. */
function aborted(word: string): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error(word)), 5);
  return controller.signal;
}

async function fails(work: PromiseLike<unknown>): Promise<void> {
  const failed = await work.then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error("something was to fail, and has not");
}
