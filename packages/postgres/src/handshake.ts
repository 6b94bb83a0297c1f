// From a fresh Transport to a session: SSLRequest, StartupMessage, the login, and what the server reports until it is
// ready (PostgreSQL documentation, "Start-up" and "SSL Session Encryption"). Sends nothing secret before TLS is settled,
// and takes no server's word for who it is.

import { tlsServerEndPoint } from "#channel-binding";
import { isLandlineError, LandlineError, TlsError, type Transport } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { PostgresError, serverReport } from "./errors.ts";
import type { PendingLogin } from "./login.ts";
import type { AuthMethod, Settings } from "./options.ts";
import { BackendDecoder } from "./protocol/decoder.ts";
import { password, saslInitialResponse, saslResponse, sslRequest, startup } from "./protocol/encoder.ts";
import { md5Password } from "./protocol/md5.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import { broken, outOfTurn, refused } from "./protocol/refusals.ts";
import { SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramClient } from "./protocol/scram.ts";

/** What the handshake needs of the settings. */
export type HandshakeSettings = Pick<
  Settings,
  "user" | "password" | "auth" | "protocol" | "channelBinding" | "allowPasswordInTheClear" | "startup" | "onNotice"
>;

/** A session that is ready for its first query. */
export interface Greeting {
  /** Holds what has arrived of a next message. */
  readonly decoder: BackendDecoder;
  readonly parameters: Map<string, string>;
  readonly processId: number | undefined;
  /** For CancelRequest; 4 to 256 bytes. `undefined` where the server gives none, as some poolers do. */
  readonly secretKey: Uint8Array | undefined;
  /** With `handOver`: what has still to be said, and no more than that has been heard so far. */
  readonly login?: PendingLogin;
}

/** How eager to be. */
export interface Eagerness {
  /** Begin with SCRAM-SHA-256 before the server has asked for it. @throws WrongGuess when it then does not. */
  readonly guess?: boolean | undefined;
  /** Leave the end of a login by SCRAM to whoever takes the session. */
  readonly handOver?: boolean | undefined;
}

/** The server wants another login than was guessed. Nothing is lost but the connection. */
export class WrongGuess extends LandlineError {}

const YES = 0x53; // 'S'
const NO = 0x4e; // 'N'
const ERROR = 0x45; // 'E'
const NONCE_BYTES = 24;
/** What each request for a login is for. */
const METHODS: { readonly [Type in BackendMessage["type"]]?: AuthMethod } = {
  authenticationOk: "none",
  authenticationCleartextPassword: "password",
  authenticationMD5Password: "md5",
  authenticationSASL: "scram-sha-256",
};
/** A broken protocol as Postgres calls it, and an end without a word. */
const STUMBLED = new Set(["08P01", "PROTOCOL_TRUNCATED", "CONNECTION_LOST"]);

/** Asks whether the server speaks TLS. For `dial`'s `negotiate`. */
export async function requestTls(transport: Transport): Promise<boolean> {
  sslRequest(transport.writer);
  const [answer, ...rest] = (await transport.pull())?.subarray(0, 2) ?? [];
  if (answer === undefined) throw noTls("the server closed the connection when it was asked for TLS");
  if (answer !== YES && answer !== NO)
    throw noTls(
      answer === ERROR
        ? "the server refused to be asked for TLS, and nobody has authenticated that: it may be too old, or full"
        : "what answered the request for TLS does not speak Postgres: check the host and the port",
    );
  if (rest.length > 0)
    throw noTls("bytes followed the answer to the request for TLS: somebody may be injecting them", "TLS_INJECTION");
  return answer === YES;
}

function noTls(message: string, code = "TLS_FAILED"): TlsError {
  return new TlsError(message, { code, outcome: "unsent" });
}

/**
 * Logs in. The caller bounds it in time by aborting the transport.
 * @throws PostgresError what the server says, with its fields.
 * @throws LandlineError `AUTH_REFUSED` when the server wants a login that we will not give.
 * @throws ProtocolError when the server breaks the protocol or cannot prove itself.
 */
export async function handshake(
  transport: Transport,
  settings: HandshakeSettings,
  { guess = false, handOver = false }: Eagerness = {},
): Promise<Greeting> {
  const client = guess ? await scramClient(transport, settings) : undefined;
  greet(transport.writer, settings, client);
  const inbox = new Inbox(transport, settings);
  const request = await firstRequest(inbox, client);
  const login = await authenticate(request, inbox, { transport, settings, client, handOver });
  if (login !== undefined) {
    inbox.expectNothing();
    const { decoder, parameters } = inbox;
    return { decoder, parameters, processId: undefined, secretKey: undefined, login };
  }
  let processId: number | undefined;
  let secretKey: Uint8Array | undefined;
  for (;;) {
    const message = await inbox.next();
    if (message.type === "readyForQuery") break;
    if (message.type !== "backendKeyData") throw outOfTurn(message);
    ({ processId, secretKey } = message);
  }
  inbox.expectNothing();
  return { decoder: inbox.decoder, parameters: inbox.parameters, processId, secretKey };
}

function greet(writer: ByteWriter, settings: HandshakeSettings, client: ScramClient | undefined): void {
  startup(writer, [["user", settings.user], ...settings.startup], settings.protocol.max);
  if (client !== undefined) saslInitialResponse(writer, mechanismOf(settings), client.first);
}

/** Some that want another login, or sit in front of a server, stumble over the guess before they say so. */
async function firstRequest(inbox: Inbox, client: ScramClient | undefined): Promise<BackendMessage> {
  try {
    return await inbox.next();
  } catch (error) {
    if (client !== undefined && isLandlineError(error) && STUMBLED.has(error.code)) throw wrongGuess(error);
    throw error;
  }
}

/** What a login goes by. */
interface LoginInit {
  readonly transport: Transport;
  readonly settings: HandshakeSettings;
  /** What was guessed and has been sent. */
  readonly client: ScramClient | undefined;
  readonly handOver: boolean;
}

async function authenticate(request: BackendMessage, inbox: Inbox, init: LoginInit): Promise<PendingLogin | undefined> {
  const { transport, settings, client } = init;
  const { type } = request;
  if (type === "authenticationOther")
    throw refused(
      `the server asks for a login by method ${request.method} (Kerberos, GSSAPI, SSPI), which we have not`,
    );
  const method = METHODS[type];
  if (method === undefined) throw outOfTurn(request);
  allow(method, settings);
  if (type === "authenticationSASL") return scram(inbox, request.mechanisms, init);
  if (client !== undefined) throw wrongGuess();
  if (method === "none") return undefined;
  if (method === "password" && !transport.info.secure && !settings.allowPasswordInTheClear)
    throw refused(
      "the server asks for the password in clear text without TLS: use TLS, or say allowPasswordInTheClear",
    );
  const given = await secret(settings);
  const text = type === "authenticationMD5Password" ? await md5Password(settings.user, given, request.salt) : given;
  // The writer is taken when there is something to write: what is taken before a wait is flushed before it.
  password(transport.writer, text);
  await inbox.expect("authenticationOk");
  return undefined;
}

async function scram(
  inbox: Inbox,
  mechanisms: readonly string[],
  { transport, settings, client: guessed, handOver }: LoginInit,
): Promise<PendingLogin | undefined> {
  const mechanism = mechanismOf(settings);
  if (!mechanisms.includes(mechanism))
    throw refused(`the server offers ${mechanisms.join(", ") || "nothing"} for SASL, and we are to speak ${mechanism}`);
  const client = guessed ?? (await scramClient(transport, settings));
  if (guessed === undefined) saslInitialResponse(transport.writer, mechanism, client.first);
  const { data } = await inbox.expect("authenticationSASLContinue");
  const final = await client.final(data);
  if (handOver) return { proof: final, verify: (serverFinal) => client.verify(serverFinal) };
  saslResponse(transport.writer, final);
  // AuthenticationOk in its place would mean that the server does not know the password and wants to be trusted all the same.
  client.verify((await inbox.expect("authenticationSASLFinal")).data);
  await inbox.expect("authenticationOk");
  return undefined;
}

function mechanismOf({ channelBinding }: HandshakeSettings): string {
  return channelBinding ? SCRAM_SHA_256_PLUS : SCRAM_SHA_256;
}

async function scramClient({ info }: Transport, settings: HandshakeSettings): Promise<ScramClient> {
  const certificate = settings.channelBinding ? info.peerCertificate : undefined;
  if (settings.channelBinding && certificate === undefined)
    throw refused(
      "channel_binding=require is not possible without TLS, nor on Workers: write channel_binding=disable, TLS is verified all the same",
    );
  const binding = certificate === undefined ? undefined : await tlsServerEndPoint(certificate);
  return new ScramClient(await secret(settings), nonce(), { binding });
}

function wrongGuess(cause?: unknown): WrongGuess {
  return new WrongGuess("the server wants another login than SCRAM-SHA-256", {
    code: "AUTH_REFUSED",
    outcome: "unsent",
    cause,
  });
}

function nonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(NONCE_BYTES))));
}

function allow(method: AuthMethod, { auth, channelBinding }: HandshakeSettings): void {
  if (channelBinding && method !== "scram-sha-256")
    throw refused("the server wants no login by SCRAM, without which there is no channel binding");
  if (auth === undefined || auth.includes(method)) return;
  const what = method === "none" ? "lets us in without a login" : `asks for a login by ${method}`;
  throw refused(`the server ${what}, and auth allows ${auth.join(", ") || "nothing"} only`);
}

async function secret({ user, password: given }: HandshakeSettings): Promise<string> {
  const told = typeof given === "function" ? await given() : given;
  if (told === undefined) throw refused(`the server asks for a password of ${JSON.stringify(user)}: none was given`);
  if (typeof told !== "string" || told.includes("\0"))
    throw new TypeError("password must be a string without NUL characters");
  return told;
}

/** A server may offer less than it was asked for, and name options that it does not know, of which we send none. */
function checkVersion(
  { minor, unrecognized }: BackendMessage & { readonly type: "negotiateProtocolVersion" },
  { protocol: { min, max } }: HandshakeSettings,
): void {
  if (minor < min)
    throw new LandlineError(`the server speaks protocol 3.${minor}, and minProtocol asks for 3.${min}`, {
      code: "CONNECT_FAILED",
      outcome: "unsent",
    });
  if (minor > max || unrecognized.length > 0) throw broken("the server negotiates about what it was not asked for");
}

/** Messages in order; the ones that may come at any time are taken out. */
class Inbox {
  readonly decoder = new BackendDecoder();
  readonly parameters = new Map<string, string>();
  readonly #transport: Transport;
  readonly #settings: HandshakeSettings;
  #messages: BackendMessage[] = [];

  constructor(transport: Transport, settings: HandshakeSettings) {
    this.#transport = transport;
    this.#settings = settings;
  }

  async next(): Promise<BackendMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      const chunk = await this.#pull();
      if (chunk === undefined)
        throw broken("the server closed the connection while the session was being started", "PROTOCOL_TRUNCATED");
      this.decoder.push(chunk, this);
    }
  }

  async expect<Type extends BackendMessage["type"]>(type: Type): Promise<BackendMessage & { readonly type: Type }> {
    const message = await this.next();
    if (message.type !== type) throw outOfTurn(message);
    return message as BackendMessage & { readonly type: Type };
  }

  /** After ReadyForQuery only what may come at any time may have come. */
  expectNothing(): void {
    const [extra] = this.#messages;
    if (extra !== undefined) throw outOfTurn(extra);
  }

  row(): void {
    throw outOfTurn({ type: "a row" });
  }

  copyData(): void {
    throw outOfTurn({ type: "data of a COPY" });
  }

  message(message: BackendMessage): void {
    switch (message.type) {
      case "parameterStatus":
        this.parameters.set(message.name, message.value);
        return;
      case "noticeResponse":
        this.#settings.onNotice?.(serverReport(message.fields));
        return;
      case "negotiateProtocolVersion":
        return checkVersion(message, this.#settings);
      case "errorResponse":
        throw new PostgresError(serverReport(message.fields), { outcome: "refused" });
      default:
        this.#messages.push(message);
    }
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      return await this.#transport.pull();
    } catch (error) {
      // Whatever was lost, no query was among it.
      if (!isLandlineError(error) || error.outcome === "unsent") throw error;
      throw new LandlineError(error.message, { code: error.code, outcome: "unsent", cause: error });
    }
  }
}
