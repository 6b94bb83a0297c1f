// PRDR (draft-hall-prdr): an answer to the message for each recipient, over SMTP; and servers that get it wrong.

import { expect, test } from "vitest";
import { smtp } from "../src/index.ts";
import type { SmtpClient, SmtpOptions } from "../src/index.ts";
import { scriptedServer } from "./scripted-server.ts";
import type { Answer, ScriptedConnection } from "./scripted-server.ts";

const MAIL = { from: "a@a.example", to: ["b@b.example", "c@b.example", "d@b.example"], text: "x" };

/** A client of a server that answers messages of several recipients by `list`, and others as usual. */
function client(
  list: Answer | undefined,
  options: Partial<SmtpOptions> = {},
  rcpt: (command: string) => Answer | undefined = () => undefined,
): { mail: SmtpClient; connections: ScriptedConnection[] } {
  const { connect, connections } = scriptedServer({
    capabilities: ["PIPELINING", "CHUNKING", "PRDR"],
    answer: (command, { commands }) => {
      if (command.startsWith("RCPT")) return rcpt(command);
      const mailFrom = commands.findLast((line) => line.startsWith("MAIL"));
      return command === "." && mailFrom?.endsWith(" PRDR") === true ? list : undefined;
    },
  });
  return { mail: smtp({ hostname: "mx.example", tls: "off", connect, pool: { max: 1 }, ...options }), connections };
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );

const LIST =
  "353 one by one\r\n250 2.1.5 yes\r\n550-5.7.1 not\r\n550 5.7.1 this\r\n452 4.2.2 full\r\n250 2.0.0 taken\r\n";

test("each recipient has its own answer; the connection goes on, and one recipient needs no list", async () => {
  const { mail, connections } = client(LIST);
  for (let turn = 0; turn < 2; turn++) {
    expect(await mail.send(MAIL)).toMatchObject({
      accepted: [{ address: "b@b.example", code: 250, enhanced: "2.1.5", message: "yes" }],
      rejected: [
        { address: "c@b.example", code: 550, enhanced: "5.7.1" },
        { address: "d@b.example", code: 452, enhanced: "4.2.2" },
      ],
      unknown: [],
    });
    expect(await mail.send({ ...MAIL, to: "e@b.example" })).toMatchObject({ accepted: [{ message: "ok" }] });
  }
  expect(connections).toHaveLength(1);
  const commands = connections[0]?.commands.filter((command) => /^(?:MAIL|DATA|BDAT)/.test(command));
  expect(commands?.map((command) => command.replace(/\d+/, "n"))).toEqual([
    "MAIL FROM:<a@a.example> PRDR",
    "DATA",
    "MAIL FROM:<a@a.example>",
    "BDAT n LAST",
    "MAIL FROM:<a@a.example> PRDR",
    "DATA",
    "MAIL FROM:<a@a.example>",
    "BDAT n LAST",
  ]);
  await mail.end();
});

test("answers that come byte by byte", async () => {
  const { connect, connections } = scriptedServer({
    capabilities: ["PIPELINING", "PRDR"],
    answer: (command, connection) => {
      if (command !== ".") return undefined;
      for (const char of LIST) connection.say(char);
      return "";
    },
  });
  await using mail = smtp({ hostname: "mx.example", tls: "off", connect });
  const { accepted, rejected } = await mail.send(MAIL);
  expect(accepted).toHaveLength(1);
  expect(rejected).toHaveLength(2);
  expect(connections[0]?.closed).toBe(false);
});

test("a refused recipient has no answer to the message", async () => {
  const { mail } = client("353 go\r\n250 one\r\n550 two\r\n250 taken\r\n", {}, (command) =>
    command.includes("c@") ? "550 5.1.1 who\r\n" : undefined,
  );
  expect(await mail.send(MAIL)).toMatchObject({
    accepted: [{ address: "b@b.example", message: "one" }],
    rejected: [
      { address: "c@b.example", message: "who" },
      { address: "d@b.example", message: "two" },
    ],
  });
  await mail.end();
});

test("a server that makes no list answers for all", async () => {
  const taken = client("250 2.0.0 all\r\n");
  const { accepted } = await taken.mail.send(MAIL);
  expect(accepted.map(({ message }) => message)).toEqual(["all", "all", "all"]);
  await taken.mail.end();
  const refusing = client("554 5.6.0 none\r\n");
  expect(await failure(refusing.mail.send(MAIL))).toMatchObject({
    code: "554",
    phase: "message",
    delivery: { rejected: [{ code: 554 }, { code: 554 }, { code: 554 }] },
  });
  await refusing.mail.end();
});

test("a no to the whole message overrules every yes", async () => {
  const { mail } = client("353 go\r\n250 one\r\n550 two\r\n250 three\r\n451 4.3.0 disk\r\n");
  expect(await failure(mail.send(MAIL))).toMatchObject({
    code: "451",
    outcome: "refused",
    permanent: false,
    delivery: { accepted: [], rejected: [{ message: "disk" }, { message: "two" }, { message: "disk" }], unknown: [] },
  });
  await mail.end();
});

test("a yes to the message for nobody is a refusal", async () => {
  const { mail } = client("353 go\r\n550 one\r\n550 two\r\n550 three\r\n250 taken\r\n");
  expect(await failure(mail.send(MAIL))).toMatchObject({ code: "550", outcome: "refused", phase: "message" });
  await mail.end();
});

test.each([
  ["behind the list", "250 one\r\n550 two\r\n250 three\r\n", ["b@b.example", "d@b.example"], 1],
  ["within it", "550 one\r\n250 two\r\n", ["c@b.example", "d@b.example"], 1],
  ["before it", "", MAIL.to, 0],
])("lost %s: a no is known, and no yes is", async (_where, said, unknown, rejected) => {
  const { mail } = client({ say: `353 go\r\n${said}`, after: "end" });
  const error = await failure(mail.send(MAIL));
  expect(error).toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown", delivery: { accepted: [], unknown } });
  expect((error as { delivery: { rejected: unknown[] } }).delivery.rejected).toHaveLength(rejected);
  await mail.end();
});

test.each([
  ["a second list", "353 go\r\n353 go\r\n250 one\r\n"],
  ["a list within the list", "353 go\r\n250 one\r\n353 go\r\n"],
  ["what belongs to DATA", "353 go\r\n354 go on\r\n"],
  ["what belongs to DATA, instead", "354 go on\r\n"],
  ["no reply at all", "353 go\r\nnonsense\r\n"],
])("%s ends the connection, and the fate is not known", async (_what, list) => {
  const { mail, connections } = client(list);
  expect(await failure(mail.send(MAIL))).toMatchObject({
    code: expect.stringMatching(/^PROTOCOL_/),
    outcome: "unknown",
  });
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});

test("more answers than were announced end the connection, and are nobody else's", async () => {
  const { mail, connections } = client(`${LIST}550 5.7.1 and another\r\n`);
  const [listed, next] = await Promise.all([mail.send(MAIL), mail.send({ ...MAIL, to: "e@b.example" })]);
  expect(listed.rejected).toHaveLength(2);
  expect(next.accepted).toMatchObject([{ message: "ok" }]);
  expect(connections).toHaveLength(2);
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});

test("fewer answers than were announced: the deadline, and nothing of the next message", async () => {
  const { mail, connections } = client("353 go\r\n250 one\r\n250 two\r\n250 taken\r\n", { dataTimeout: 50 });
  const [listed, next] = await Promise.allSettled([mail.send(MAIL), mail.send({ ...MAIL, to: "e@b.example" })]);
  expect(listed).toMatchObject({ reason: { code: "TIMEOUT", outcome: "unknown", delivery: { accepted: [] } } });
  expect(next).toMatchObject({ value: { accepted: [{ address: "e@b.example" }] } });
  expect(connections).toHaveLength(2);
  await mail.end();
});

test("a list that nobody asked for ends the connection", async () => {
  const { connect, connections } = scriptedServer({
    capabilities: ["PIPELINING", "PRDR"],
    answer: (command) => (command === "." ? LIST : undefined),
  });
  await using mail = smtp({ hostname: "mx.example", tls: "off", connect });
  expect(await failure(mail.send({ ...MAIL, to: "b@b.example" }))).toMatchObject({ outcome: "unknown" });
  expect(connections[0]?.closed).toBe(true);
});

test("over LMTP it is not asked for", async () => {
  const { connect, connections } = scriptedServer({
    capabilities: ["PIPELINING", "PRDR"],
    answer: (command) => (command === "." ? "250 one\r\n250 two\r\n250 three\r\n" : undefined),
  });
  await using mail = smtp({ hostname: "mx.example", port: 24, tls: "off", lmtp: true, connect });
  expect((await mail.send(MAIL)).accepted).toHaveLength(3);
  expect(connections[0]?.received).not.toContain("PRDR");
});
