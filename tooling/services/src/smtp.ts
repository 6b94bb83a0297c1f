// A mail server on the smtp-server package, in this process: plain with STARTTLS, implicit TLS, AUTH for one user (refused
// without TLS, though offered). It keeps what it gets and tells it over HTTP, so that a test inside workerd can read it by fetch.
// Recipients whose name begins with `refused` get 550, with `later` 450; all others are accepted. A third port speaks LMTP,
// where recipients whose name begins with `full` are refused after the message.

import { randomBytes } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Certificates } from "./certificates.ts";
import { Mailbox } from "./mailbox.ts";
import { close, listenOnLoopback } from "./ports.ts";
import type { Credentials, Services } from "./types.ts";

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Starts the server and returns how to reach it, and how to stop it. */
export async function startSmtp(
  certificates: Certificates,
): Promise<{ smtp: Services["smtp"]; stop(): Promise<void> }> {
  const user = { username: "landline", password: randomBytes(12).toString("hex") };
  const mailbox = new Mailbox();
  const mailServers: SMTPServer[] = [];
  const listening: Server[] = [];
  const listen = async (make: () => Server): Promise<number> => {
    const { port, servers } = await listenOnLoopback(make);
    listening.push(...servers);
    return port;
  };
  const listenSmtp = (how: Pick<SMTPServerOptions, "secure" | "lmtp">): Promise<number> =>
    listen(() => {
      const server = new SMTPServer({ ...options(certificates, user, mailbox), ...how });
      server.on("error", () => {}); // a client that breaks off is no concern of ours
      mailServers.push(server);
      return server.server;
    });
  const stop = async (): Promise<void> => {
    for (const server of mailServers)
      for (const connection of server.connections) (connection as { close(): void }).close();
    for (const server of listening) (server as Partial<HttpServer>).closeAllConnections?.();
    await Promise.all(listening.map(close));
  };
  try {
    const [port, tlsPort] = [await listenSmtp({}), await listenSmtp({ secure: true })];
    const lmtpPort = await listenSmtp({ lmtp: true });
    const mailPort = await listen(() => createServer((request, response) => mailbox.answer(request, response)));
    const hostname = "localhost";
    const login = `${user.username}:${user.password}@${hostname}`;
    const smtp = {
      hostname,
      port,
      tlsPort,
      user,
      url: `smtps://${login}:${tlsPort}`,
      starttlsUrl: `smtp://${login}:${port}`,
      lmtpUrl: `lmtp://${hostname}:${lmtpPort}?tls=off`,
      mailUrl: `http://${hostname}:${mailPort}/mail`,
    };
    return { smtp, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function options({ cert, key }: Certificates, user: Credentials, mailbox: Mailbox): SMTPServerOptions {
  return {
    name: "localhost",
    cert,
    key,
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    authMethods: ["PLAIN", "LOGIN", "XOAUTH2", "CRAM-MD5"],
    authOptional: true,
    disableReverseLookup: true,
    hideSTARTTLS: false,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    hideREQUIRETLS: false,
    maxAllowedUnauthenticatedCommands: false,
    onAuth(auth, _session, callback) {
      const secret = auth.method === "XOAUTH2" ? auth.accessToken : auth.password;
      const knows = auth.method === "CRAM-MD5" ? auth.validatePassword(user.password) : secret === user.password;
      if (auth.username === user.username && knows) return callback(null, { user: user.username });
      if (auth.method === "XOAUTH2")
        return callback(null, { data: { status: "401", schemes: "bearer", scope: "mail" } });
      callback(reply(535, "Authentication credentials invalid"));
    },
    onRcptTo({ address }, _session, callback) {
      if (address.startsWith("refused")) return callback(reply(550, "No such mailbox here"));
      if (address.startsWith("later")) return callback(reply(450, "Mailbox busy, try again later"));
      callback();
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const isFull = (address: string): boolean =>
        session.transmissionType.startsWith("LMTP") && address.startsWith("full");
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (!stream.sizeExceeded) {
          const { mailFrom } = session.envelope;
          mailbox.add({
            from: mailFrom === false ? "" : mailFrom.address,
            to: recipients.filter((address) => !isFull(address)),
            raw: Buffer.concat(chunks).toString("utf8"),
            secure: session.secure,
            user: typeof session.user === "string" ? session.user : null,
          });
        }
        const words = recipients.map((address) => (isFull(address) ? reply(452, "Mailbox full") : "Message accepted"));
        (callback as (error: null, words: unknown) => void)(
          null,
          session.transmissionType.startsWith("LMTP") ? words : "Message accepted",
        );
      });
    },
  };
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
