// Everything that reads what others wrote: the decoders of the three protocols, and the parsers of addresses and URLs.

import { isDeepStrictEqual } from "node:util";
import { parseAddress, ProtocolError } from "@landline/core";
import { formatAddress as formatSocketAddress } from "../../../../packages/core/src/address.ts";
import { countSyncs, FrameWalker } from "../../../../packages/durable/src/postgres/frames.ts";
import { parseOptions as parsePostgres } from "../../../../packages/postgres/src/options.ts";
import { BackendDecoder } from "../../../../packages/postgres/src/protocol/decoder.ts";
import { ScramClient } from "../../../../packages/postgres/src/protocol/scram.ts";
import { registry } from "../../../../packages/postgres/src/types/registry.ts";
import { planRows, readArray } from "../../../../packages/postgres/src/types/row.ts";
import { settingsOf as parseRedis } from "../../../../packages/redis/src/options.ts";
import { ReplyDecoder as RedisDecoder } from "../../../../packages/redis/src/protocol/decoder.ts";
import type { ReplyFormat } from "../../../../packages/redis/src/protocol/messages.ts";
import { formatAddress, parseAddresses } from "../../../../packages/smtp/src/message/address.ts";
import { compose } from "../../../../packages/smtp/src/message/compose.ts";
import type { Message } from "../../../../packages/smtp/src/message/message.ts";
import { parseOptions as parseSmtp } from "../../../../packages/smtp/src/options.ts";
import { parseCapabilities } from "../../../../packages/smtp/src/protocol/capabilities.ts";
import { ReplyDecoder as SmtpDecoder } from "../../../../packages/smtp/src/protocol/decoder.ts";
import type { Reply as SmtpReply } from "../../../../packages/smtp/src/protocol/messages.ts";
import { Broken, decodesAlike, type Feed, refusedOr, type Target } from "./invariants.ts";

const utf8 = new TextDecoder();
const SECRET = "hunter2secret";
/** The secret where a reader would take it for a password, whatever a parser takes it for: not everybody encodes a `?`. */
const PASSWORD = new RegExp(`^[^:]*://[^:@/]*:[^@]*${SECRET}[^@]*@`);
const NONCE = "rOprNGfwEbeRWgbNEkqO";
/** The headers that the messages of "smtp-message" may have, whatever is in their fields. */
const FIELDS =
  /^(?:From|To|Subject|Date|Message-ID|References|List-Unsubscribe|X-Fuzz|MIME-Version|Content-(?:Type|Transfer-Encoding|Disposition|ID))$/;
const CIRCUMSTANCES = { now: () => new Date(0), random: (bytes: number) => new Uint8Array(bytes) };
const SMALL = { maxFrameBytes: 1_000, maxDepth: 20, maxElements: 300 };

function backendFeed(): Feed {
  const decoder = new BackendDecoder({ maxFrameBytes: 100_000 });
  const events: unknown[] = [];
  const sink = {
    row: (bytes: Uint8Array, start: number, end: number) => void events.push(["row", bytes.slice(start, end)]),
    copyData: (bytes: Uint8Array, start: number, end: number) => void events.push(["copy", bytes.slice(start, end)]),
    message: (message: unknown) => void events.push(message),
  };
  return { events, push: (chunk) => decoder.push(chunk, sink) };
}

/** Offsets are told within a chunk; here they count from the first byte of all. */
function frameFeed(): Feed {
  const walker = new FrameWalker();
  const events: unknown[] = [];
  let before = 0;
  const sink = {
    begin: (at: number) => void events.push(["begin", before + at]),
    end: (type: number, bytes: Uint8Array, start: number, length: number, at: number) =>
      void events.push(["end", type, bytes.slice(start, start + length), before + at]),
  };
  return {
    events,
    push: (chunk) => {
      walker.push(chunk, sink);
      before += chunk.length;
    },
  };
}

function redisFeed(format: ReplyFormat): Feed {
  const decoder = new RedisDecoder(SMALL);
  const events: unknown[] = [];
  const sink = {
    format,
    reply: (value: unknown, inexact: unknown) => void events.push(["reply", value, inexact]),
    push: (items: unknown) => void events.push(["push", items]),
    attribute: (attributes: unknown) => void events.push(["attribute", attributes]),
  };
  return { events, push: (chunk) => decoder.push(chunk, sink) };
}

function smtpFeed(): Feed & { readonly replies: readonly SmtpReply[] } {
  const decoder = new SmtpDecoder();
  const replies: SmtpReply[] = [];
  return {
    events: replies,
    replies,
    push: (chunk) => decoder.push(chunk, { reply: (reply) => void replies.push(reply) }),
  };
}

const frame = (type: string, body: string): string => {
  const length = body.length + 4;
  return `${type}${String.fromCharCode(length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255)}${body}`;
};
const int4 = (value: number): string =>
  String.fromCharCode((value >>> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
const value = (text: string): string => int4(text.length) + text;

const BACKEND_SEEDS = [
  frame("R", int4(0)),
  frame("R", `${int4(10)}SCRAM-SHA-256\0\0`),
  frame("R", `${int4(5)}salt`),
  frame("S", "TimeZone\0Europe/Paris\0") + frame("K", int4(7) + int4(9)) + frame("Z", "I"),
  frame("T", `\0\x01n\0${int4(0)}\0\0${int4(23)}\0\x04${int4(-1)}\0\0`) + frame("D", `\0\x01${value("1")}`),
  frame("1", "") + frame("2", "") + frame("n", "") + frame("C", "SELECT 1\0") + frame("Z", "T"),
  frame("E", "SERROR\0VERROR\0C22012\0Mdivision by zero\0\0") + frame("Z", "E"),
  frame("N", "SNOTICE\0C00000\0Mhear\0\0") + frame("A", `${int4(7)}jobs\0payload\0`),
  frame("t", `\0\x02${int4(23)}${int4(25)}`) + frame("I", "") + frame("3", "") + frame("s", ""),
  frame("G", "\0\0\x01\0\0") +
    frame("H", "\0\0\x01\0\0") +
    frame("d", "1\t2\n") +
    frame("c", "") +
    frame("W", "\0\0\0"),
  frame("v", `${int4(196_608)}${int4(1)}_pq_.x\0`),
];

/** A type byte for one column, then the row: so that one input says both. Types whose readers differ. */
const ROW_TYPES = [
  16, 17, 20, 21, 23, 25, 114, 1000, 1001, 1007, 1009, 1016, 1020, 1184, 1185, 1700, 2950, 3802, 199,
] as const;
const row = (index: number, text: string): string => String.fromCharCode(index, 0) + text;

/** See the head of the file. */
export const TARGETS: readonly Target[] = [
  {
    name: "postgres-backend",
    seeds: BACKEND_SEEDS,
    words: ["\0", "\0\0\0\x04", "Z\0\0\0\x05I", "D\0\0\0\x06\0\0", "\xff\xff\xff\xff"],
    run: (input, random) => decodesAlike(backendFeed, input, random),
  },
  {
    name: "durable-frames",
    seeds: [...BACKEND_SEEDS, "Q\0\0\0\rselect 1\0S\0\0\0\x04", "P\0\0\0\x08\0\0\0\0S\0\0\0\x04"],
    words: ["\0\0\0\x04", "Z\0\0\0\x05I", "S\0\0\0\x04", "D\0\0\0\x06\0\0", "\x7f\xff\xff\xff"],
    run(input, random) {
      decodesAlike(frameFeed, input, random);
      refusedOr(() => countSyncs(input), ProtocolError);
    },
  },
  {
    name: "postgres-rows",
    seeds: [
      row(0, "t"),
      row(1, "\\x00ff"),
      row(1, "a\\001\\\\b"),
      row(2, "9223372036854775807"),
      row(4, "-1"),
      row(6, '{"a":[1,null]}'),
      row(9, "[0:1][2:3]={{1,2},{3,NULL}}"),
      row(10, '{"a\\"b",NULL,"NULL",c}'),
      row(12, "{(1,1),(0,0);(2,2),(1,1)}"),
      row(13, "2024-02-29 24:00:00.123456+04:56:02 BC"),
      row(13, "infinity"),
      row(14, '{"2024-01-01 00:00:00+00",-infinity}'),
      row(17, "{}"),
      `${String.fromCharCode(2, 1)}\0\0\0\0\0\0\0\x01`,
      `${String.fromCharCode(13, 1)}\x7f\xff\xff\xff\xff\xff\xff\xff`,
      `${String.fromCharCode(17, 1)}\x01{}`,
    ],
    words: ["NULL", "{", "}", '"', "\\", "infinity", " BC", "+00", "null", "]="],
    run(input) {
      const [kind = 0, format = 0, ...body] = input;
      const type = ROW_TYPES[kind % ROW_TYPES.length] as number;
      const length = body.length;
      const bytes = Uint8Array.from([0, 1, length >> 24, length >> 16, length >> 8, length, ...body]);
      for (const int8 of ["string", "bigint"] as const) {
        const types = registry({ int8 });
        const binary = format % 2 === 1 && types(type).binary !== undefined ? 1 : 0;
        const column = { name: "c", table: 0, attribute: 0, type, size: -1, modifier: -1, format: binary };
        const plan = planRows([column], types);
        const alone = refusedOr(() => readArray(plan, bytes, 0, bytes.length), ProtocolError);
        // A reader must not leave its range: what surrounds the row makes no difference.
        for (const around of [0x5c, 0x74]) {
          const wide = new Uint8Array(bytes.length + 20).fill(around);
          wide.set(bytes, 10);
          const within = refusedOr(() => readArray(plan, wide, 10, 10 + bytes.length), ProtocolError);
          if (!isDeepStrictEqual(alone, within)) throw new Broken("a value depends on the bytes around it");
        }
      }
    },
  },
  {
    name: "postgres-scram",
    seeds: [
      `r=${NONCE}abc,s=c2FsdA==,i=10`,
      `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4,x=y`,
      "v=6rriTRBi23WpRAtEs+XW0Bx8QqGM2uG+KSQ5sRjMSGk=",
      "e=invalid-proof",
    ],
    words: [NONCE, ",s=", ",i=", "v=", "e=", "=", "i=0", "i=4294967296", "\0", ","],
    async run(input) {
      const text = utf8.decode(input);
      const scram = new ScramClient("pencil", NONCE, { minIterations: 1, maxIterations: 20 });
      let answered = false;
      try {
        await scram.final(text);
        answered = true;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw new Broken(`threw ${String(error)}`, { cause: error });
      }
      if (answered && !text.startsWith(`r=${NONCE}`)) throw new Broken("answered a nonce that is not ours");
      let verified = false;
      refusedOr(() => {
        scram.verify(text);
        verified = true;
      }, ProtocolError);
      if (verified) throw new Broken("took a signature that nobody could have made");
    },
  },
  {
    name: "redis-replies",
    seeds: [
      "+OK\r\n-ERR no\r\n:12\r\n$5\r\nhello\r\n*2\r\n$-1\r\n*-1\r\n",
      "%2\r\n+a\r\n:1\r\n+b\r\n*?\r\n.\r\n",
      "$?\r\n;4\r\nHell\r\n;0\r\n~2\r\n#t\r\n_\r\n",
      ",3.25\r\n,inf\r\n,nan\r\n(3492890328409238509324850943850943825024385\r\n",
      "=15\r\ntxt:Some string\r\n!21\r\nSYNTAX invalid syntax\r\n",
      ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n|1\r\n+ttl\r\n:9\r\n:1\r\n",
      ":9223372036854775807\r\n:-9223372036854775808\r\n*1\r\n>1\r\n+x\r\n+y\r\n",
    ],
    words: [
      "\r\n",
      "*",
      "$",
      "%",
      "~",
      ">",
      "|",
      "?",
      ";0\r\n",
      ".\r\n",
      "*1\r\n",
      "$-1\r\n",
      "_\r\n",
      "=4\r\n",
      "#t\r\n",
      "4294967296",
    ],
    run(input, random) {
      for (const bytes of [false, true]) {
        decodesAlike(() => redisFeed({ bytes, integers: bytes ? "bigint" : "number" }), input, random);
      }
    },
  },
  {
    name: "smtp-replies",
    seeds: [
      "220 mx.example ESMTP\r\n",
      "250-mx.example\r\n250-SIZE 100\r\n250-AUTH PLAIN LOGIN\r\n250-AUTH=LOGIN\r\n250 PIPELINING\r\n",
      "550-5.7.26 first\r\n550-5.7.26\r\n550 5.7.26 last\r\n354 go\r\n",
      "250\r\n421 4.3.2 bye\r\n",
    ],
    words: ["\r\n", "250-", "250 ", "5.1.1 ", "\r", "\n", "\x15\x03", "é", "\x1b["],
    run(input, random) {
      decodesAlike(smtpFeed, input, random);
      const feed = smtpFeed();
      refusedOr(() => feed.push(input), ProtocolError);
      for (const reply of feed.replies) {
        if (reply.code < 200 || reply.code > 599) throw new Broken(`told the code ${reply.code}`);
        // oxlint-disable-next-line no-control-regex
        if (reply.lines.some((line) => /[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)))
          throw new Broken("told a control");
        parseCapabilities(reply.lines);
      }
    },
  },
  {
    name: "smtp-addresses",
    seeds: [
      "ann@a.example",
      'Ann <ann@a.example>, "Bob, Jr." <bob@b.example>',
      '"xclow3n@gmail.com x"@internal.domain',
      "user@good-corp.example(x)evil.example",
      "friends: a@b.example, c@d.example;",
      "postmaster@[192.0.2.1], x@[IPv6:2001:db8::1]",
      "jürgen@bücher.example",
      "=?utf-8?q?a=40evil.com=3e?=@good.example",
    ],
    words: ["@", "<", ">", '"', "\\", ",", ":", ";", "(", ")", "\r\n", "\0", "xn--", "\u00ad", "[", "]", " ", ".."],
    run(input) {
      const text = utf8.decode(input);
      const mailboxes = refusedOr(() => parseAddresses(text), TypeError) ?? [];
      for (const mailbox of mailboxes) {
        const written = formatAddress(mailbox);
        // oxlint-disable-next-line no-control-regex
        if (/[\u0000-\u001f\u007f]/.test(written)) throw new Broken(`a control got into ${JSON.stringify(written)}`);
        const again = refusedOr(() => parseAddresses({ address: written }), TypeError);
        const [only] = again ?? [];
        if (again?.length !== 1 || only?.local !== mailbox.local || only.domain !== mailbox.domain)
          throw new Broken(`${JSON.stringify(written)} is read as ${JSON.stringify(again)}`);
      }
    },
  },
  {
    name: "smtp-message",
    seeds: [
      "Grüße 🎉",
      "=?utf-8?q?x?=",
      "a".repeat(1200),
      'naïve; name="x".pdf',
      "<https://a.example/u>",
      "text/plain; charset=utf-8",
      "order-1+1=2",
    ],
    words: [
      "\r\n",
      "\n.\n",
      "\0",
      " ",
      "\t",
      '"',
      "\\",
      "=?",
      "?=",
      ";",
      ":",
      "<",
      ">",
      "é",
      "\u2028",
      "\ud83c\udf89",
      "From ",
    ],
    run(input) {
      const text = utf8.decode(input);
      const plain = { from: "a@a.example", to: "b@b.example" };
      const messages: Message[] = [
        { ...plain, subject: text },
        { ...plain, text, html: text },
        { ...plain, from: { name: text, address: "a@a.example" } },
        { ...plain, headers: { "X-Fuzz": text } },
        { ...plain, attachments: [{ filename: text, content: text }] },
        { ...plain, attachments: [{ contentType: text, cid: "x@a.example", content: text }], html: "x" },
        { ...plain, list: { unsubscribe: text }, references: text },
        { ...plain, dsn: { id: text, recipient: text } },
        { raw: text, envelope: { from: "", to: "b@b.example" } },
      ];
      for (const message of messages) {
        const made = refusedOr(() => compose(message, CIRCUMSTANCES), TypeError);
        if (made === undefined) continue;
        const raw = utf8.decode(Buffer.concat([...(made.body as Iterable<Uint8Array>)]));
        if (/[\r\n]/.test(raw.replaceAll("\r\n", ""))) throw new Broken("a line ends in something that is not CRLF");
        if (message.raw !== undefined) continue;
        const [header = ""] = raw.split("\r\n\r\n");
        const lines = header.split("\r\n");
        // oxlint-disable-next-line no-control-regex
        if (lines.some((line) => line.length > 998 || /[\u0000-\u0008\u000a-\u001f\u007f-\uffff]/.test(line)))
          throw new Broken("a header has a line that is too long, or a character that may not be there");
        const names = lines.filter((line) => !/^[ \t]/.test(line)).map((line) => line.split(":")[0]);
        if (new Set(names).size !== names.length) throw new Broken(`a header occurs twice: ${names.join()}`);
        if (names.some((name) => !FIELDS.test(name as string)))
          throw new Broken(`a header that nobody gave: ${names.join()}`);
        const words = [...(made.dsn?.mail ?? []), ...(made.dsn?.rcpt.flat() ?? [])];
        if (words.some((word) => !/^[!-~]+$/.test(word))) throw new Broken("a parameter that would end early");
      }
    },
  },
  {
    name: "core-address",
    seeds: [
      "localhost:6379",
      "[::1]:5432",
      "db.example.:1",
      "192.0.2.1:65535",
      "bücher.example:80",
      "a_b.example:25",
      "[fe80::1%25eth0]:1",
    ],
    words: [":", "[", "]", "%", "@", "/", "::", ".", "xn--", "\u00ad", "\0", "65536", "0x7f"],
    run(input) {
      const text = utf8.decode(input);
      const address = refusedOr(() => parseAddress(text), TypeError);
      if (address === undefined) return;
      const again = refusedOr(() => parseAddress(formatSocketAddress(address)), TypeError);
      if (!isDeepStrictEqual(again, address)) {
        throw new Broken(`${JSON.stringify(address)} is read again as ${JSON.stringify(again)}`);
      }
    },
  },
  urlTarget("postgres-url", ["postgres", "postgresql"], (url) => parsePostgres(url), [
    "/app?sslmode=require",
    "/app?sslmode=verify-full&application_name=x&connect_timeout=10&options=-c%20search_path%3Da",
    "/app?sslmode=no-verify&target_session_attrs=read-write",
  ]),
  urlTarget("redis-url", ["redis", "rediss"], (url) => parseRedis(url), ["", "/0", "/15", "?x=y"]),
  urlTarget("smtp-url", ["smtp", "smtps"], (url) => parseSmtp(url), [
    "",
    "?tls=off&name=me.example",
    "/",
    "?tls=prefer",
  ]),
];

/** Parsers of URLs: they refuse by a TypeError that never shows the password, however wrong the rest is. */
function urlTarget(
  name: string,
  schemes: readonly string[],
  parse: (url: string) => unknown,
  ends: readonly string[],
): Target {
  return {
    name,
    seeds: schemes.flatMap((scheme) => ends.map((end) => `${scheme}://user:${SECRET}@db.example:2345${end}`)),
    words: ["://", "@", ":", "/", "?", "&", "=", "%", "%40", "%zz", "#", "[::1]", SECRET, ...ends],
    run(input) {
      const url = utf8.decode(input);
      try {
        parse(url);
      } catch (error) {
        if (!(error instanceof TypeError)) throw new Broken(`threw ${String(error)}`, { cause: error });
        const told = `${error.message} ${(error.cause as Error | undefined)?.message}`;
        if (PASSWORD.test(url) && url.split(SECRET).length === 2 && told.includes(SECRET))
          throw new Broken(`tells the password: ${error.message}`);
      }
    },
  };
}
