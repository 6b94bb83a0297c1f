// A mail server in memory, behind a Connector: it behaves, except where a test tells it otherwise, and it keeps every byte
// that it was sent. TLS is only marked.

import type { Connector, Socket } from "@landline/core";

/** What the server does about one command. */
export type Answer = string | { readonly say?: string; readonly after: "end" | "reset" };

/** How this server differs from a good one. */
export interface Script {
  readonly greeting?: Answer;
  readonly capabilities?: readonly string[];
  /** Offered once TLS is on. Default: AUTH, and what was offered before except STARTTLS. */
  readonly secureCapabilities?: readonly string[];
  /** Answers `command` (a line, or "." for a whole message); `undefined`: as usual, "": not at all. */
  readonly answer?: (command: string, connection: ScriptedConnection) => Answer | undefined;
  /** TLS from the first byte. */
  readonly implicitTls?: boolean;
}

/** One connection, seen from the server. */
export interface ScriptedConnection {
  readonly commands: string[];
  readonly messages: string[];
  secure: boolean;
  /** Everything that the client sent. */
  received: string;
  closed: boolean;
  say(text: string): void;
}

const DEFAULT_CAPABILITIES = ["PIPELINING", "SIZE 1000000", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME"];

/** Makes a server; `connections` grows with each connection. */
export function scriptedServer(script: Script = {}): { connect: Connector; connections: ScriptedConnection[] } {
  const connections: ScriptedConnection[] = [];
  return { connections, connect: () => open(script, connections) };
}

function open(script: Script, connections: ScriptedConnection[]): Socket {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let closed!: () => void;
  const whenClosed = new Promise<void>((resolve) => (closed = resolve));
  let over = false;
  let pending = "";
  let inData = false;
  let chunk: { readonly command: string; readonly length: number } | undefined;
  let chunks = "";
  const connection: ScriptedConnection = {
    commands: [],
    messages: [],
    secure: script.implicitTls ?? false,
    received: "",
    closed: false,
    say: (text) => {
      if (!over) controller.enqueue(new TextEncoder().encode(text));
    },
  };
  connections.push(connection);

  const act = (answer: Answer): void => {
    if (typeof answer === "string") return answer === "" ? undefined : connection.say(answer);
    if (answer.say !== undefined) connection.say(answer.say);
    if (over) return;
    over = true;
    if (answer.after === "end") controller.close();
    else controller.error(new Error("connection reset by peer"));
  };
  const usual = (command: string): Answer => {
    if (/^[EL]HLO /.test(command)) {
      const before = script.capabilities ?? DEFAULT_CAPABILITIES;
      const secure = script.secureCapabilities ?? [...before.filter((line) => line !== "STARTTLS"), "AUTH PLAIN LOGIN"];
      const lines = ["scripted.example", ...(connection.secure ? secure : before)];
      return lines.map((line, index) => `250${index < lines.length - 1 ? "-" : " "}${line}\r\n`).join("");
    }
    if (command === "STARTTLS") return "220 go ahead\r\n";
    if (command.startsWith("AUTH PLAIN ")) return "235 2.7.0 welcome\r\n";
    if (command === "AUTH LOGIN") return "334 VXNlcm5hbWU6\r\n";
    if (command === "DATA") {
      inData = true;
      return "354 go on\r\n";
    }
    if (command === ".") return "250 2.0.0 queued\r\n";
    if (command === "QUIT") return { say: "221 bye\r\n", after: "end" };
    return "250 2.0.0 ok\r\n";
  };
  const handle = (command: string): void => {
    connection.commands.push(command);
    const answer = script.answer?.(command, connection);
    const done = usual(command);
    if (answer !== undefined) inData = typeof answer === "string" && answer.startsWith("354");
    act(answer ?? done);
  };
  const consume = (): void => {
    for (;;) {
      if (chunk !== undefined) {
        if (pending.length < chunk.length) return;
        const { command, length } = chunk;
        chunks += pending.slice(0, length);
        pending = pending.slice(length);
        chunk = undefined;
        if (command.endsWith("LAST")) {
          connection.messages.push(chunks);
          chunks = "";
        }
        handle(command);
      } else if (inData) {
        const end = `\r\n${pending}`.indexOf("\r\n.\r\n");
        if (end < 0) return;
        connection.messages.push(pending.slice(0, end));
        pending = pending.slice(end + 3);
        inData = false;
        handle(".");
      } else {
        const end = pending.indexOf("\r\n");
        if (end < 0) return;
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (line.startsWith("BDAT ")) chunk = { command: line, length: Number(line.split(" ")[1]) };
        else handle(line);
      }
    }
  };
  const finish = (): void => {
    over = true;
    connection.closed = true;
    closed();
  };
  const half = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
    readable: new ReadableStream<Uint8Array>({ start: (c) => void (controller = c), cancel: finish }),
    writable: new WritableStream<Uint8Array>({
      write(chunk) {
        const text = new TextDecoder().decode(chunk);
        connection.received += text;
        pending += text;
        consume();
      },
      close: finish,
      abort: finish,
    }),
  });
  const socket = (streams: ReturnType<typeof half>, secureTransport: "off" | "on" | "starttls"): Socket => {
    let upgraded = false;
    return {
      ...streams,
      opened: Promise.resolve({}),
      closed: whenClosed,
      secureTransport,
      get upgraded() {
        return upgraded;
      },
      startTls() {
        upgraded = true;
        connection.secure = true;
        return socket(half(), "on");
      },
      close() {
        finish();
        return Promise.resolve();
      },
    };
  };
  const first = socket(half(), script.implicitTls === true ? "on" : "starttls");
  queueMicrotask(() => act(script.greeting ?? "220 scripted.example ESMTP\r\n"));
  return first;
}
