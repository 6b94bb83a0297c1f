// The whole client against a server in memory: what it says, in which order, and what it makes of good and bad answers.

import { ClosedError, ProtocolError, TimeoutError, TlsError } from "@landline/core";
import { expect, test } from "vitest";
import { smtp, SmtpError } from "../src/index.ts";
import type { Message, SmtpClient, SmtpOptions } from "../src/index.ts";
import { scriptedServer } from "./scripted-server.ts";
import type { Answer, Script, ScriptedConnection } from "./scripted-server.ts";

const LOGIN = { username: "user", password: "pa55-пароль" };
const MAIL = { from: "a@a.example", to: "b@b.example", subject: "Hi", text: "first\n.\n..second" };

function client(
  script: Script,
  options: Partial<SmtpOptions> = {},
): { mail: SmtpClient; connections: ScriptedConnection[] } {
  const { connect, connections } = scriptedServer(script);
  const mail = smtp({ hostname: "mx.example", connect, ...LOGIN, ...options });
  return { mail, connections };
}

async function failure(work: Promise<unknown>): Promise<Error & { code: string; outcome: string }> {
  return work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error as never,
  );
}

const only =
  (answers: Record<string, Answer>) =>
  (command: string): Answer | undefined =>
    Object.entries(answers).find(([start]) => command.startsWith(start))?.[1];

test("STARTTLS, EHLO again, login, and the envelope in one flight", async () => {
  const { mail, connections } = client({});
  const receipt = await mail.send({ ...MAIL, to: "b@b.example, c@c.example", bcc: "d@d.example" });
  const [{ commands, messages }] = connections as [ScriptedConnection];
  expect(commands).toEqual([
    "EHLO [127.0.0.1]",
    "STARTTLS",
    "EHLO [127.0.0.1]",
    "AUTH PLAIN AHVzZXIAcGE1NS3Qv9Cw0YDQvtC70Yw=",
    expect.stringMatching(/^MAIL FROM:<a@a\.example> SIZE=\d+$/),
    "RCPT TO:<b@b.example>",
    "RCPT TO:<c@c.example>",
    "RCPT TO:<d@d.example>",
    "DATA",
    ".",
  ]);
  expect(messages[0]).toMatch(/\r\n\r\nfirst\r\n\.\.\r\n\.\.\.second\r\n$/);
  expect(receipt.messageId).toMatch(/^<[0-9a-f]{32}@a\.example>$/);
  expect(receipt.rejected).toEqual([]);
  expect(receipt.unknown).toEqual([]);
  expect(receipt.accepted[2]).toEqual({ address: "d@d.example", code: 250, enhanced: "2.0.0", message: "queued" });
  await mail.end();
});

test("lock-step where PIPELINING is not offered, and no SIZE where that is not offered", async () => {
  const flights: string[] = [];
  const { mail, connections } = client({
    secureCapabilities: ["AUTH PLAIN"],
    answer: (_command, connection) => {
      flights.push(connection.received);
      return undefined;
    },
  });
  await mail.send({ ...MAIL, to: ["b@b.example", "c@c.example"] });
  expect(connections[0]?.commands.slice(4)).toEqual([
    "MAIL FROM:<a@a.example>",
    "RCPT TO:<b@b.example>",
    "RCPT TO:<c@c.example>",
    "DATA",
    ".",
  ]);
  expect(flights[4]).toMatch(/MAIL FROM:<a@a\.example>\r\n$/);
  expect(flights[5]).toMatch(/RCPT TO:<b@b\.example>\r\n$/);
  await mail.end();
});

test("LOGIN where PLAIN is not offered", async () => {
  const answers: Record<string, string> = {
    "dXNlcg==": "334 UGFzc3dvcmQ6\r\n",
    "cGE1NS3Qv9Cw0YDQvtC70Yw=": "235 2.7.0 welcome\r\n",
  };
  const { mail, connections } = client({ secureCapabilities: ["AUTH LOGIN"], answer: (command) => answers[command] });
  await mail.verify();
  expect(connections[0]?.commands.slice(3)).toEqual([
    "AUTH LOGIN",
    "dXNlcg==",
    "cGE1NS3Qv9Cw0YDQvtC70Yw=",
    "NOOP",
    "QUIT",
  ]);
});

test("a long PLAIN response waits for the challenge", async () => {
  const { mail, connections } = client(
    { answer: only({ "AUTH PLAIN": "334 \r\n", AHVz: "235 2.7.0 welcome\r\n" }) },
    { password: "x".repeat(600) },
  );
  await mail.verify();
  expect(connections[0]?.commands[3]).toBe("AUTH PLAIN");
  expect(connections[0]?.commands[4]).toMatch(/^AHVz/);
});

test("one recipient refused does not cost the others their mail", async () => {
  const { mail } = client({
    answer: only({ "RCPT TO:<x@": "550 5.1.1 no such user\r\n", "RCPT TO:<y@": "450 4.2.1 later\r\n" }),
  });
  const receipt = await mail.send({ ...MAIL, to: ["x@b.example", "b@b.example", "y@b.example"] });
  expect(receipt.accepted.map(({ address }) => address)).toEqual(["b@b.example"]);
  expect(receipt.rejected).toEqual([
    { address: "x@b.example", code: 550, enhanced: "5.1.1", message: "no such user" },
    { address: "y@b.example", code: 450, enhanced: "4.2.1", message: "later" },
  ]);
  await mail.end();
});

test("connections are used again, and reset where a transaction was left open", async () => {
  const { mail, connections } = client(
    { answer: (command) => (command === "RCPT TO:<x@b.example>" ? "550 5.1.1 no\r\n" : undefined) },
    { pool: { max: 1 } },
  );
  await mail.send(MAIL);
  await mail.send(MAIL);
  const { commands } = connections[0] as ScriptedConnection;
  expect(commands.filter((command) => command === "RSET")).toEqual([]);
  // The scripted server takes DATA all the same: refuse it, as a real one does.
  const refusing = client(
    { answer: only({ RCPT: "550 5.1.1 no\r\n", DATA: "554 5.5.1 no recipients\r\n" }) },
    { pool: { max: 1 } },
  );
  await failure(refusing.mail.send(MAIL));
  await failure(refusing.mail.send(MAIL));
  expect(refusing.connections).toHaveLength(1);
  expect(refusing.connections[0]?.commands.filter((command) => command === "RSET").length).toBeGreaterThan(0);
  await mail.end();
  await refusing.mail.end();
});

test("a connection carries maxUses messages", async () => {
  const { mail, connections } = client({}, { pool: { max: 1, maxUses: 2 } });
  for (let count = 0; count < 5; count++) await mail.send(MAIL);
  expect(connections.map(({ messages }) => messages.length)).toEqual([2, 2, 1]);
  await mail.end();
});

test.each<[why: string, answers: Record<string, Answer>, phase: string, code: string, permanent: boolean]>([
  ["the login", { AUTH: "535 5.7.8 wrong\r\n" }, "auth", "535", true],
  ["the login for now", { AUTH: "454 4.7.0 later\r\n" }, "auth", "454", false],
  [
    "the sender",
    { MAIL: "550 5.7.1 not you\r\n", RCPT: "503 5.5.1 x\r\n", DATA: "503 5.5.1 x\r\n" },
    "mail",
    "550",
    true,
  ],
  ["every recipient", { RCPT: "550 5.1.1 nobody\r\n", DATA: "554 5.5.1 x\r\n" }, "rcpt", "550", true],
  ["DATA", { DATA: "451 4.3.0 disk\r\n" }, "data", "451", false],
  ["the message", { ".": "554 5.6.0 spam\r\n" }, "message", "554", true],
])("a refusal of %s says where and what", async (_why, answers, phase, code, permanent) => {
  const { mail } = client({ answer: only(answers) });
  const error = (await failure(mail.send(MAIL))) as SmtpError;
  expect(error).toBeInstanceOf(SmtpError);
  expect(error).toMatchObject({ phase, code, permanent, outcome: "refused", responseCode: Number(code) });
  expect(error.enhanced).toMatch(/^[45]\.\d\.\d$/);
  if (phase !== "auth" && phase !== "mail")
    expect(error.delivery).toMatchObject({ accepted: [], unknown: [], rejected: [{ address: "b@b.example" }] });
  await mail.end();
});

test("a refused login tells neither password nor response, even when the server repeats it", async () => {
  const { mail } = client({
    answer: (command) => (command.startsWith("AUTH") ? `535 5.7.8 bad ${command} ${LOGIN.password}\r\n` : undefined),
  });
  const error = (await failure(mail.verify())) as SmtpError;
  const told = JSON.stringify([error.message, error.response, error.stack, error]);
  expect(told).not.toContain(LOGIN.password);
  expect(told).not.toContain("AHVzZXIA");
});

test.each(["SCRAM-SHA-256", "CRAM-MD5"])(
  "a server that says yes to %s too early is believed only as far as it goes",
  async (name) => {
    const { mail, connections } = client({
      secureCapabilities: [`AUTH ${name}`],
      answer: only({ AUTH: "235 2.7.0 welcome\r\n" }),
    });
    if (name === "CRAM-MD5") return mail.verify();
    expect(await failure(mail.verify())).toBeInstanceOf(ProtocolError);
    expect(connections[0]?.closed).toBe(true);
  },
);

test("an access token, asked for anew for each connection, and refused with the server's words", async () => {
  let count = 0;
  const { mail, connections } = client(
    { secureCapabilities: ["AUTH XOAUTH2"], answer: only({ "AUTH XOAUTH2": "235 2.7.0 welcome\r\n" }) },
    { password: undefined, accessToken: () => Promise.resolve(`token${count++}`) } as never,
  );
  await mail.verify();
  await mail.verify();
  const response = (token: string): string => `AUTH XOAUTH2 ${btoa(`user=user\u0001auth=Bearer ${token}\u0001\u0001`)}`;
  expect(connections.map(({ commands }) => commands[3])).toEqual([response("token0"), response("token1")]);

  const refusing = client(
    {
      secureCapabilities: ["AUTH OAUTHBEARER"],
      answer: only({ AUTH: "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n", "AQ==": "535 5.7.8 expired\r\n" }),
    },
    { password: undefined, accessToken: "expired" } as never,
  );
  expect(await failure(refusing.mail.verify())).toMatchObject({ code: "535", phase: "auth", outcome: "refused" });
});

test("a token provider that fails, hangs or gives nonsense settles the call, and no login is sent", async () => {
  const reason = new Error("no token today");
  const providers = [() => Promise.reject(reason), () => new Promise(() => {}), () => "not a\r\ntoken", () => 5];
  for (const [index, accessToken] of providers.entries()) {
    const { mail, connections } = client({ secureCapabilities: ["AUTH XOAUTH2"] }, {
      password: undefined,
      accessToken,
      connectTimeout: 100,
    } as never);
    const error = await failure(mail.verify());
    if (index === 0) expect(error).toBe(reason);
    else expect(error).toBeInstanceOf(index === 1 ? TimeoutError : TypeError);
    expect(connections[0]?.received).not.toContain("AUTH");
    expect(connections[0]?.closed).toBe(true);
  }
});

// STARTTLS

const SECRETS = /AUTH|AHVz|pa55/;

test.each<[why: string, script: Script]>([
  ["EHLO does not offer it", { capabilities: ["PIPELINING", "AUTH PLAIN"] }],
  ["454", { answer: only({ STARTTLS: "454 4.7.0 not now\r\n" }) }],
  ["502", { answer: only({ STARTTLS: "502 5.5.1 what\r\n" }) }],
  ["554", { answer: only({ STARTTLS: "554 no\r\n" }) }],
])("a stripped STARTTLS (%s) is TLS_DECLINED, and no login goes in the clear", async (_why, script) => {
  for (const credentials of [LOGIN, { username: undefined, password: undefined }]) {
    const { mail, connections } = client(script, credentials as never);
    const error = await failure(mail.send(MAIL));
    expect(error).toBeInstanceOf(TlsError);
    expect(error).toMatchObject({ code: "TLS_DECLINED", outcome: "unsent" });
    expect(connections[0]?.received).not.toMatch(/AUTH|AHVz|MAIL|pa55/);
    expect(connections[0]?.closed).toBe(true);
  }
});

test.each(["200 ok\r\n", "250 ok\r\n", "354 go\r\n", "221 bye\r\n"])(
  "STARTTLS answered by %j is an error",
  async (answer) => {
    const { mail, connections } = client({ answer: only({ STARTTLS: answer }) });
    expect(await failure(mail.send(MAIL))).toBeInstanceOf(ProtocolError);
    expect(connections[0]?.secure).toBe(false);
    expect(connections[0]?.received).not.toMatch(SECRETS);
  },
);

test.each([
  "220 go\r\n250-AUTH PLAIN\r\n",
  "220 go\r\n250 ok\r\n",
  "220 go\r\n2",
  "220 go\r\n\r\n",
  "220 go\r\n\u0000",
])("%j before the handshake is an injection", async (answer) => {
  const { mail, connections } = client({ answer: only({ STARTTLS: answer }) });
  const error = await failure(mail.send(MAIL));
  expect(error).toMatchObject({ name: "TlsError", code: "TLS_INJECTION", outcome: "unsent" });
  expect(connections[0]?.secure).toBe(false);
  expect(connections[0]?.closed).toBe(true);
  expect(connections[0]?.received).not.toMatch(SECRETS);
});

test("what was offered before TLS is forgotten with it", async () => {
  const { mail, connections } = client({
    capabilities: ["STARTTLS", "AUTH PLAIN", "SMTPUTF8", "PIPELINING"],
    secureCapabilities: [],
  });
  expect(await failure(mail.send(MAIL))).toMatchObject({ code: "AUTH_REFUSED", outcome: "unsent" });
  expect(connections[0]?.received).not.toMatch(SECRETS);
  const open = client({ capabilities: ["STARTTLS", "SMTPUTF8", "SIZE 1"], secureCapabilities: ["8BITMIME"] }, {
    username: undefined,
    password: undefined,
  } as never);
  expect(await failure(open.mail.send({ ...MAIL, to: "ж@b.example" }))).toMatchObject({ code: "SMTPUTF8_REQUIRED" });
  await open.mail.send(MAIL);
  await open.mail.end();
});

test.each(["off", "prefer"] as const)("tls: %j never shows a password in the clear", async (tls) => {
  const { mail, connections } = client({ capabilities: ["AUTH PLAIN LOGIN", "PIPELINING"] }, { tls });
  const error = await failure(mail.send(MAIL));
  expect(error).toMatchObject({ code: "AUTH_REFUSED", outcome: "unsent", phase: "auth" });
  expect(connections[0]?.received).not.toMatch(/AUTH|AHVz|MAIL|pa55/);
});

test("tls by name: off sends in the clear, prefer does when TLS is declined in protocol", async () => {
  for (const tls of ["off", "prefer"] as const) {
    const { mail, connections } = client({ capabilities: ["PIPELINING"] }, {
      tls,
      username: undefined,
      password: undefined,
    } as never);
    await mail.send(MAIL);
    expect(connections[0]?.secure).toBe(false);
    expect(connections[0]?.commands.filter((command) => command.startsWith("EHLO"))).toHaveLength(1);
    await mail.end();
  }
});

test("implicit TLS logs in at once", async () => {
  const { mail, connections } = client({ implicitTls: true }, { tls: "on" });
  await mail.send(MAIL);
  expect(connections[0]?.commands.slice(0, 2)).toEqual(["EHLO [127.0.0.1]", expect.stringMatching(/^AUTH PLAIN /)]);
  await mail.end();
});

// What must not be asked

test("a message that is too large, or not ASCII where it must be, is refused before MAIL", async () => {
  const { mail, connections } = client({ secureCapabilities: ["AUTH PLAIN", "SIZE 400", "PIPELINING"] });
  expect(await failure(mail.send({ ...MAIL, text: "x".repeat(500) }))).toMatchObject({
    code: "MESSAGE_TOO_LARGE",
    outcome: "unsent",
    permanent: true,
  });
  expect(await failure(mail.send({ ...MAIL, to: "ж@b.example" }))).toMatchObject({
    code: "SMTPUTF8_REQUIRED",
    outcome: "unsent",
    permanent: true,
  });
  expect(connections[0]?.commands.some((command) => command.startsWith("MAIL"))).toBe(false);
  await mail.end();
});

const RAW = "Subject: \u00e4\n\nx";
const RAW_ENVELOPE = { from: "a@a.example", to: ["b@b.example", "c@c.example"] };

test.each<[code: string, message: Message]>([
  ["8BITMIME_REQUIRED", { raw: RAW, envelope: RAW_ENVELOPE }],
  ["DSN_REQUIRED", { ...MAIL, dsn: { notify: "never" } }],
  ["REQUIRETLS_REQUIRED", { ...MAIL, requireTls: true }],
])("%s where the server does not offer it, and nothing is dropped silently", async (code, message) => {
  const { mail, connections } = client({ secureCapabilities: ["AUTH PLAIN", "PIPELINING"] });
  expect(await failure(mail.send(message))).toMatchObject({ code, outcome: "unsent", permanent: true, phase: "mail" });
  expect(connections[0]?.commands.some((command) => command.startsWith("MAIL"))).toBe(false);
  await mail.end();
});

test("reports, 8BITMIME and REQUIRETLS where they are offered", async () => {
  const { mail, connections } = client({
    secureCapabilities: ["AUTH PLAIN", "PIPELINING", "DSN", "8BITMIME", "REQUIRETLS"],
  });
  await mail.send({
    raw: RAW,
    envelope: RAW_ENVELOPE,
    requireTls: true,
    dsn: { id: "a=b", return: "full", notify: "success", recipients: { "c@c.example": { notify: "never" } } },
  });
  expect(connections[0]?.commands.slice(4, 7)).toEqual([
    "MAIL FROM:<a@a.example> BODY=8BITMIME REQUIRETLS RET=FULL ENVID=a+3Db",
    "RCPT TO:<b@b.example> NOTIFY=SUCCESS",
    "RCPT TO:<c@c.example> NOTIFY=NEVER",
  ]);
  await mail.end();
});

test("REQUIRETLS is not asked for in the clear", async () => {
  const { mail } = client({ capabilities: ["REQUIRETLS"] }, {
    tls: "off",
    username: undefined,
    password: undefined,
  } as never);
  expect(await failure(mail.send({ ...MAIL, requireTls: true }))).toMatchObject({ code: "REQUIRETLS_REQUIRED" });
  await mail.end();
});

test("SMTPUTF8 where it is offered", async () => {
  const { mail, connections } = client({ secureCapabilities: ["AUTH PLAIN", "SMTPUTF8", "PIPELINING"] });
  await mail.send({ ...MAIL, to: "ж@b.example" });
  expect(connections[0]?.commands).toContain("MAIL FROM:<a@a.example> SMTPUTF8");
  expect(connections[0]?.commands).toContain("RCPT TO:<ж@b.example>");
  expect(connections[0]?.messages[0]).toContain("To: ж@b.example\r\n");
  await mail.end();
});

test("a message that cannot be written opens no connection", async () => {
  const { mail, connections } = client({});
  expect(await failure(mail.send({ ...MAIL, to: "b@y.example>\r\nRCPT TO:<evil@z.example" }))).toBeInstanceOf(
    TypeError,
  );
  expect(await failure(mail.send({ ...MAIL, subject: "hi\r\nX: y" }))).toBeInstanceOf(TypeError);
  expect(connections).toEqual([]);
});

// Replies that do not fit

test("a server that asks for a message to nobody gets none", async () => {
  const { mail, connections } = client({ answer: only({ RCPT: "550 5.1.1 no\r\n", DATA: "354 go on\r\n" }) });
  expect(await failure(mail.send(MAIL))).toMatchObject({ code: "550", phase: "rcpt", outcome: "refused" });
  expect(connections[0]?.received).toMatch(/DATA\r\n$/);
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});

test.each<[why: string, script: Script]>([
  ["354 to MAIL", { answer: only({ MAIL: "354 go\r\n" }) }],
  ["354 to RCPT", { answer: only({ RCPT: "354 go\r\n" }) }],
  ["250 to DATA", { answer: only({ DATA: "250 ok\r\n" }) }],
  ["334 to DATA", { answer: only({ DATA: "334 ok\r\n" }) }],
  ["two replies to DATA", { answer: only({ DATA: "354 go\r\n250 ok\r\n" }) }],
  ["two replies to the greeting", { greeting: "220 a\r\n220 b\r\n" }],
  ["a greeting of 250", { greeting: "250 a\r\n" }],
  ["an endless line", { greeting: `220 ${"x".repeat(9000)}` }],
  ["endless lines", { answer: only({ EHLO: `250-${"x".repeat(100)}\r\n`.repeat(700) }) }],
  ["a bare LF", { answer: only({ MAIL: "250 ok\n" }) }],
  ["HTTP", { greeting: "HTTP/1.1 400 Bad Request\r\n" }],
  ["TLS", { greeting: "\u0015\u0003\u0001\u0000\u0002\u0002\u0028" }],
])("%s is a protocol error, unsent, and ends the connection", async (_why, script) => {
  for (const secureCapabilities of [["AUTH PLAIN", "PIPELINING"], ["AUTH PLAIN"]]) {
    const { mail, connections } = client({ secureCapabilities, ...script });
    const error = await failure(mail.send(MAIL));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(connections[0]?.received).not.toContain("first");
    expect(connections[0]?.closed).toBe(true);
    await mail.end();
  }
});

test("354 to the message, or two answers to it: nobody knows", async () => {
  const { mail } = client({ answer: only({ ".": "354 go\r\n" }) });
  expect(await failure(mail.send(MAIL))).toMatchObject({ outcome: "unknown", delivery: { unknown: ["b@b.example"] } });
  const twice = client({ answer: only({ ".": "250 ok\r\n250 ok\r\n" }) });
  await twice.mail.send(MAIL);
  await twice.mail.send(MAIL);
  expect(twice.connections).toHaveLength(2);
  await mail.end();
  await twice.mail.end();
});

// Lost, late, given up

const STEPS = ["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"];

const at = (step: string, answer: Answer): Script =>
  step === "greeting" ? { greeting: answer } : { answer: (command) => (command.startsWith(step) ? answer : undefined) };

test.each(STEPS.flatMap((step) => (["end", "reset"] as const).map((after) => [step, after] as const)))(
  "a connection lost at %s (%s) leaves the message unsent",
  async (step, after) => {
    for (const secureCapabilities of [["AUTH PLAIN", "PIPELINING"], ["AUTH PLAIN"]]) {
      const { mail } = client({ secureCapabilities, ...at(step, { after }) });
      const error = await failure(mail.send(MAIL));
      expect(error).toMatchObject({
        name: expect.stringMatching(/^(?:Closed|Protocol|Connect|Tls)Error$/),
        outcome: "unsent",
      });
      await mail.end();
    }
  },
);

test.each(["end", "reset"] as const)(
  "a connection lost after the final dot (%s) leaves the outcome unknown",
  async (after) => {
    const { mail, connections } = client({ answer: only({ "RCPT TO:<x@": "550 no\r\n", ".": { after } }) });
    const error = (await failure(mail.send({ ...MAIL, to: "x@b.example, b@b.example" }))) as SmtpError;
    expect(error).toBeInstanceOf(SmtpError);
    expect(error).toMatchObject({ outcome: "unknown", phase: "message", permanent: false });
    expect(error.cause).toBeInstanceOf(ClosedError);
    expect(error.delivery).toMatchObject({
      accepted: [],
      unknown: ["b@b.example"],
      rejected: [{ address: "x@b.example", code: 550 }],
    });
    expect(connections).toHaveLength(1);
    await mail.end();
  },
);

test("421 is passed on with its words, whether as an answer or out of the blue", async () => {
  const answered = client({ answer: only({ MAIL: { say: "421 4.3.2 going down\r\n", after: "end" } }) });
  expect((await failure(answered.mail.send(MAIL))).message).toContain("421 going down");
  const { mail, connections } = client({});
  await mail.send(MAIL);
  connections[0]?.say("421 4.4.2 idle for too long\r\n");
  await new Promise((resolve) => setTimeout(resolve));
  await mail.send(MAIL);
  expect(connections).toHaveLength(2);
  await mail.end();
});

test.each([...STEPS, "."])("silence at %s ends at the deadline, and a late answer reaches nobody", async (step) => {
  const { mail, connections } = client(
    { secureCapabilities: ["AUTH PLAIN"], ...at(step, "") },
    { connectTimeout: 60, commandTimeout: 60, dataTimeout: 60 },
  );
  const error = await failure(mail.send(MAIL));
  if (step === ".") {
    expect(error).toMatchObject({ code: "TIMEOUT", outcome: "unknown", delivery: { unknown: ["b@b.example"] } });
    expect(error.cause).toBeInstanceOf(TimeoutError);
  } else {
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.outcome).toBe("unsent");
  }
  connections[0]?.say("250 late\r\n");
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});

test.each([...STEPS, "."])("an abort at %s rejects with the signal's reason and ends the connection", async (step) => {
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const { mail, connections } = client({
    ...(step === "greeting" ? { greeting: "" } : {}),
    answer: (command) => {
      if (!command.startsWith(step)) return undefined;
      queueMicrotask(() => controller.abort(reason));
      return "";
    },
  });
  const sent = mail.send(MAIL, { signal: controller.signal });
  if (step === "greeting") controller.abort(reason);
  expect(await failure(sent)).toBe(reason);
  await mail.end();
  expect(connections.every(({ closed }) => closed)).toBe(true);
});

test("an aborted signal opens no connection", async () => {
  const { mail, connections } = client({});
  const reason = new Error("no");
  expect(await failure(mail.send(MAIL, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await failure(mail.verify({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(connections).toEqual([]);
});

test("a message that is aborted while it waits behind another one is not sent, and the other one is", async () => {
  const gate = Promise.withResolvers<void>();
  const { mail, connections }: ReturnType<typeof client> = client(
    {
      implicitTls: true,
      // The first connection says nothing from its first message on, until it is let.
      answer: (command, connection) => {
        if (connection !== connections[0] || connection.messages.length === 0) return undefined;
        if (command === ".") void gate.promise.then(() => connection.say("250 2.0.0 queued\r\n"));
        return "";
      },
    },
    { tls: "on", pool: { max: 1 } },
  );
  const first = mail.send(MAIL);
  while (connections[0]?.messages.length !== 1) await new Promise((resolve) => setTimeout(resolve));
  // Its envelope follows the message in one write; it waits for the word on the first.
  const stop = new AbortController();
  const second = mail.send({ ...MAIL, to: "second@b.example" }, { signal: stop.signal });
  const third = mail.send({ ...MAIL, to: "third@b.example" });
  while (!connections[0].received.includes("second@")) await new Promise((resolve) => setTimeout(resolve));
  const reason = new Error("changed my mind");
  stop.abort(reason);
  expect(await failure(second)).toBe(reason);
  expect(connections[0].closed).toBe(false);
  gate.resolve();
  expect((await first).accepted).toHaveLength(1);
  expect((await third).accepted).toMatchObject([{ address: "third@b.example" }]);
  const messages = connections.flatMap((connection) => connection.messages);
  expect(messages.map((message) => /^To: (.*)$/m.exec(message)?.[1]?.trim())).toEqual([
    "b@b.example",
    "third@b.example",
  ]);
  await mail.end();
});

test("after the end nothing is sent any more", async () => {
  const { mail, connections } = client({});
  await mail.send(MAIL);
  await mail.end();
  expect(connections[0]?.commands.at(-1)).toBe("QUIT");
  expect(await failure(mail.send(MAIL))).toMatchObject({ code: "POOL_CLOSED", outcome: "unsent" });
});

// LMTP

test("LMTP: lost between the answers, those who were answered for are known", async () => {
  const { mail, connections } = client(
    {
      capabilities: ["PIPELINING", "CHUNKING"],
      answer: only({ ".": { say: "250 2.0.0 ok\r\n452 4.2.2 full\r\n", after: "end" } }),
    },
    { lmtp: true, port: 24, tls: "off", username: undefined, password: undefined } as never,
  );
  const error = (await failure(mail.send({ ...MAIL, to: "a@b.example, b@b.example, c@b.example" }))) as SmtpError;
  expect(error).toMatchObject({
    outcome: "unknown",
    delivery: {
      accepted: [{ address: "a@b.example", code: 250 }],
      rejected: [{ address: "b@b.example", code: 452 }],
      unknown: ["c@b.example"],
    },
  });
  expect(connections[0]?.commands[0]).toBe("LHLO [127.0.0.1]");
  expect(connections[0]?.commands).toContain("DATA");
});

test("LMTP: more answers than recipients end the connection", async () => {
  const { mail, connections } = client(
    { capabilities: ["PIPELINING"], answer: only({ ".": "250 2.0.0 ok\r\n250 2.0.0 ok\r\n" }) },
    { lmtp: true, port: 24, tls: "off", username: undefined, password: undefined } as never,
  );
  await mail.send(MAIL);
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});
