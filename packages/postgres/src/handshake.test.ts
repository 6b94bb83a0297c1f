// The handshake against scripted servers: what it sends, what it refuses, and that it always settles.

import { LandlineError, ProtocolError, TlsError, type Transport } from "@landline/core";
import { transportPair } from "@landline/core/testing";
import { describe, expect, test } from "vitest";
import { backend, together } from "../test/support/backend.ts";
import { PostgresError } from "./errors.ts";
import { handshake, requestTls, type Greeting } from "./handshake.ts";
import { parseOptions, type PostgresOptions } from "./options.ts";
import { BACKEND } from "./protocol/messages.ts";

const KEY = new Uint8Array(4).fill(9);
const READY = together(
  backend.parameterStatus("server_version", "18.0"),
  backend.backendKeyData(42, KEY),
  backend.readyForQuery(),
);

/** Runs the handshake against a server that sends `script`, one chunk for each time it hears something. */
async function shake(
  script: readonly Uint8Array[],
  options: Partial<PostgresOptions> = {},
): Promise<{ greeting: Greeting; heard: string[] }> {
  const [client, server] = await transportPair();
  const heard: string[] = [];
  const serving = serve(server, script, heard);
  try {
    const greeting = await handshake(client, parseOptions({ user: "u", password: "secret", ...options }));
    return { greeting, heard };
  } finally {
    client.abort();
    server.abort();
    await serving;
  }
}

async function serve(server: Transport, script: readonly Uint8Array[], heard: string[]): Promise<void> {
  try {
    for (const chunk of script) {
      const bytes = await server.pull();
      if (bytes === undefined) return;
      heard.push(new TextDecoder("latin1").decode(bytes));
      server.write(chunk);
    }
    await server.pull();
  } catch {
    // The client has gone; what it made of the script is what is tested.
  }
}

const SASL_CONTINUE = (data: string): Uint8Array => backend.authentication(11, (writer) => writer.utf8(data));
const SASL_FINAL = (data: string): Uint8Array => backend.authentication(12, (writer) => writer.utf8(data));

describe("the way in", () => {
  test("trust", async () => {
    const { greeting, heard } = await shake([together(backend.authentication(0), READY)]);
    expect(greeting).toMatchObject({ processId: 42, secretKey: KEY });
    expect(greeting.parameters.get("server_version")).toBe("18.0");
    expect(heard[0]).toContain("user\0u\0database\0u\0client_encoding\0UTF8\0");
    expect(heard.join("")).not.toContain("secret");
  });

  test("without a cancel key, as from some poolers", async () => {
    const { greeting } = await shake([together(backend.authentication(0), backend.readyForQuery())]);
    expect(greeting).toMatchObject({ processId: undefined, secretKey: undefined });
  });

  test("with notices before and between", async () => {
    const notices: string[] = [];
    const notice = backend.noticeResponse({ V: "NOTICE", M: "hello" });
    await shake([together(notice, backend.authentication(0), notice, READY)], {
      onNotice: ({ message }) => notices.push(message),
    });
    expect(notices).toEqual(["hello", "hello"]);
  });

  test("md5", async () => {
    const { heard } = await shake([
      backend.authentication(5, (writer) => writer.i32(0x01020304)),
      together(backend.authentication(0), READY),
    ]);
    expect(heard[1]).toMatch(/^p....md5[0-9a-f]{32}\0$/s);
  });

  test("a password from a function, asked for only when it is needed", async () => {
    let asked = 0;
    const password = async (): Promise<string> => `secret ${++asked}`;
    await shake([together(backend.authentication(0), READY)], { password });
    expect(asked).toBe(0);
    await shake([backend.authentication(5, (writer) => writer.i32(1)), together(backend.authentication(0), READY)], {
      password,
    });
    expect(asked).toBe(1);
  });

  test("part of a message that follows is kept for the session", async () => {
    const notice = backend.noticeResponse({ V: "NOTICE", M: "later" });
    const { greeting } = await shake([together(backend.authentication(0), READY, notice.subarray(0, 7))]);
    expect(greeting.decoder.midFrame).toBe(true);
  });
});

describe("what is refused", () => {
  const hostile: [name: string, script: Uint8Array[]][] = [
    [
      "SCRAM that ends without a proof",
      [backend.authenticationSASL("SCRAM-SHA-256"), backend.authentication(0), READY],
    ],
    [
      "SCRAM with a foreign nonce",
      [backend.authenticationSASL("SCRAM-SHA-256"), SASL_CONTINUE("r=x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")],
    ],
    ["a proof without a challenge", [backend.authenticationSASL("SCRAM-SHA-256"), SASL_FINAL("v=AAAA")]],
    ["rows", [backend.dataRow("1")]],
    ["readiness without a login", [backend.readyForQuery()]],
    [
      "two logins",
      [backend.authentication(5, (writer) => writer.i32(1)), backend.authentication(5, (writer) => writer.i32(1))],
    ],
    ["two greetings", [together(backend.authentication(0), READY, READY)]],
    ["an unasked answer", [together(backend.authentication(0), backend.empty(BACKEND.parseComplete))]],
    ["another protocol", [new TextEncoder().encode("220 mail.example ESMTP\r\n")]],
  ];

  test.each(hostile)("%s", async (_, script) => {
    const error = await shake(script).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(String(error)).not.toContain("secret");
  });

  test.each([
    ["a clear-text password in the clear", backend.authentication(3)],
    ["Kerberos", backend.authentication(7)],
    ["SASL without a mechanism that we have", backend.authenticationSASL("SCRAM-SHA-256-PLUS", "OAUTHBEARER")],
  ])("%s", async (_, first) => {
    await expect(shake([first])).rejects.toMatchObject({ code: "AUTH_REFUSED", outcome: "unsent" });
  });

  test("a login when no password was given", async () => {
    await expect(
      shake([backend.authentication(5, (writer) => writer.i32(1))], { password: undefined }),
    ).rejects.toBeInstanceOf(LandlineError);
  });

  test("the server's own refusal has its fields", async () => {
    const error = await shake([
      backend.errorResponse({
        S: "FATAL",
        V: "FATAL",
        C: "53300",
        M: "sorry, too many clients already",
        R: "InitProcess",
      }),
    ]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PostgresError);
    expect(error).toMatchObject({ code: "53300", severity: "FATAL", routine: "InitProcess", outcome: "refused" });
  });

  test("a server that leaves", async () => {
    const [client, server] = await transportPair();
    const shaking = handshake(client, parseOptions({ user: "u" }));
    await server.pull();
    server.end();
    await expect(shaking).rejects.toMatchObject({ code: "PROTOCOL_TRUNCATED", outcome: "unsent" });
    client.abort();
    server.abort();
  });
});

describe("SSLRequest", () => {
  async function ask(reply: Uint8Array | undefined): Promise<boolean> {
    const [client, server] = await transportPair();
    const asking = requestTls(client);
    expect([...((await server.pull()) ?? [])]).toEqual([0, 0, 0, 8, 4, 210, 22, 47]);
    if (reply === undefined) server.end();
    else server.write(reply);
    try {
      return await asking;
    } finally {
      client.abort();
      server.abort();
    }
  }

  test("yes and no", async () => {
    expect(await ask(Uint8Array.of(0x53))).toBe(true);
    expect(await ask(Uint8Array.of(0x4e))).toBe(false);
  });

  test("anything behind the answer is injection", async () => {
    for (const answer of [0x53, 0x4e])
      await expect(ask(Uint8Array.of(answer, 0x45))).rejects.toMatchObject({ code: "TLS_INJECTION" });
  });

  test("errors, other protocols and silence are no answer", async () => {
    await expect(ask(backend.errorResponse({ V: "FATAL", M: "no" }))).rejects.toBeInstanceOf(TlsError);
    await expect(ask(new TextEncoder().encode("J\0\0\0\n5.7.1"))).rejects.toBeInstanceOf(TlsError);
    await expect(ask(undefined)).rejects.toMatchObject({ code: "TLS_FAILED", outcome: "unsent" });
    // A TLS alert, from what wants TLS from the first byte; and MySQL's greeting.
    await expect(ask(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10))).rejects.toMatchObject({ code: "TLS_FAILED" });
    await expect(ask(Uint8Array.of(0x4a, 0, 0, 0, 10))).rejects.toMatchObject({ code: "TLS_FAILED" });
  });
});

describe("negotiating the protocol", () => {
  const offer = (minor: number, ...options: string[]): Uint8Array =>
    backend.raw(BACKEND.negotiateProtocolVersion, (writer) => {
      writer.i32(minor);
      writer.i32(options.length);
      for (const option of options) writer.cstring(option);
    });

  async function told(message: Uint8Array, options: PostgresOptions): Promise<unknown> {
    const [client, server] = await transportPair();
    const shaking = handshake(client, parseOptions({ user: "u", ...options }));
    const asked = await server.pull();
    server.write(together(message, backend.authentication(0), backend.readyForQuery()));
    const outcome = await shaking.then(
      () => asked?.[7],
      (error: unknown) => (error as { code: string }).code,
    );
    client.abort();
    return outcome;
  }

  test.each<[string, Uint8Array, PostgresOptions, unknown]>([
    ["less than was asked for", offer(0), { maxProtocol: "3.2" }, 2],
    ["less than will do", offer(0), { minProtocol: "3.2" }, "CONNECT_FAILED"],
    ["more than was asked for", offer(2), {}, "PROTOCOL_VIOLATION"],
    ["options that nobody sent", offer(0, "_pq_.x"), {}, "PROTOCOL_VIOLATION"],
  ])("%s", async (_name, message, options, expected) => {
    expect(await told(message, options)).toBe(expected);
  });
});
