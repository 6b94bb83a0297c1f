// SCRAM-SHA-256 (RFC 5802, RFC 7677) from the client's side, and with channel binding SCRAM-SHA-256-PLUS. Every proof of the server is demanded; the nonce comes from outside.

import { broken, refused } from "./refusals.ts";
import { saslprep } from "./saslprep.ts";

/** The name of the mechanism; with channel binding, {@link SCRAM_SHA_256_PLUS}. */
export const SCRAM_SHA_256 = "SCRAM-SHA-256";
/** With channel binding. */
export const SCRAM_SHA_256_PLUS = "SCRAM-SHA-256-PLUS";

/** Limits that a server's demands have to keep, and the user's name. */
export interface ScramOptions {
  /** Fewer would let a false server test passwords too cheaply. Default 1,000; PostgreSQL's own default is 4,096. */
  readonly minIterations?: number;
  /** More would let a false server keep the processor busy. Default 600,000. */
  readonly maxIterations?: number;
  /** Default empty: PostgreSQL takes the user of the startup message. Must not contain a comma or an equals sign. */
  readonly user?: string;
  /** The hash of the server's certificate (tls-server-end-point), for SCRAM-SHA-256-PLUS. */
  readonly binding?: Uint8Array | undefined;
}

const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,9})(?:,.*)?$/;
const SERVER_FINAL = /^v=([A-Za-z0-9+/]+={0,2})(?:,.*)?$/;
const encoder = new TextEncoder();

/**
 * What comes of a password and a salt is always the same, and most of what a login costs us: so it is kept for the last few
 * that a server has proved to know (workerd, connect over TLS and one query: 3.1 ms of CPU instead of 4.1).
 */
const known = new Map<string, Keys>();
const MAX_KNOWN = 16;

type Bytes = Uint8Array<ArrayBuffer>;

/** One login. The steps go in order: {@link first}, {@link final}, {@link verify}. */
export class ScramClient {
  readonly #password: string;
  readonly #nonce: string;
  readonly #options: ScramOptions;
  readonly #header: string;
  readonly #firstBare: string;
  #serverSignature: string | undefined;
  #keys: Keys | undefined;

  /** @param nonce printable ASCII without comma, fresh for each login, at least 18 random bytes' worth. */
  constructor(password: string, nonce: string, options: ScramOptions = {}) {
    this.#password = saslprep(password);
    this.#options = options;
    this.#nonce = nonce;
    this.#header = options.binding === undefined ? "n,," : "p=tls-server-end-point,,";
    this.#firstBare = `n=${options.user ?? ""},r=${nonce}`;
  }

  /** The client-first-message. */
  get first(): string {
    return this.#header + this.#firstBare;
  }

  /**
   * The client-final-message that answers the server-first-message.
   * @throws ProtocolError when the server breaks RFC 5802 or the limits.
   */
  async final(serverFirst: string): Promise<string> {
    const [, nonce, salt, count] = SERVER_FIRST.exec(serverFirst) ?? [];
    if (nonce === undefined || salt === undefined) throw broken("the server's first SCRAM message is malformed");
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce)
      throw broken("the server's SCRAM nonce does not extend ours: this is not the server that we spoke to");
    const iterations = Number(count);
    const { minIterations = 1_000, maxIterations = 600_000, binding = [] } = this.#options;
    if (iterations < minIterations || iterations > maxIterations)
      throw broken(
        `the server asks for ${iterations} SCRAM iterations: ${minIterations} to ${maxIterations} will do`,
        "PROTOCOL_LIMIT",
      );
    const keys = (this.#keys = await keysOf(this.#password, salt, iterations));
    const withoutProof = `c=${btoa(this.#header + String.fromCharCode(...binding))},r=${nonce}`;
    const authMessage = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const signature = await hmac(keys.stored, authMessage);
    const proof = signature.map((byte, index) => byte ^ (keys.client[index] as number));
    this.#serverSignature = toBase64(await hmac(keys.server, authMessage));
    return `${withoutProof},p=${toBase64(proof)}`;
  }

  /**
   * Checks the server-final-message: whether the server knows the password too. Not in constant time, for there is one attempt
   * at each signature.
   * @throws ProtocolError when it does not.
   */
  verify(serverFinal: string): void {
    const [, signature] = SERVER_FINAL.exec(serverFinal) ?? [];
    if (signature === undefined || signature !== this.#serverSignature)
      throw broken("the server could not prove that it knows the password: this is not the right server");
    if (this.#keys !== undefined) remember(this.#keys);
  }
}

/** The keys of RFC 5802 section 3. */
interface Keys {
  readonly of: string;
  readonly client: Bytes;
  readonly stored: Bytes;
  readonly server: Bytes;
}

async function keysOf(password: string, salt: string, iterations: number): Promise<Keys> {
  const of = `${iterations},${salt},${password}`;
  const keys = known.get(of);
  if (keys !== undefined) return keys;
  const salted = await saltPassword(password, fromBase64(salt), iterations);
  const client = await hmac(salted, "Client Key");
  const stored = new Uint8Array(await crypto.subtle.digest("SHA-256", client));
  return { of, client, stored, server: await hmac(salted, "Server Key") };
}

function remember(keys: Keys): void {
  known.delete(keys.of);
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= MAX_KNOWN) known.delete(oldest);
  known.set(keys.of, keys);
}

async function saltPassword(password: string, salt: Bytes, iterations: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(password), "PBKDF2", false, ["deriveBits"]);
  try {
    return new Uint8Array(
      await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256),
    );
  } catch (cause) {
    throw refused(
      `this runtime refuses ${iterations} SCRAM iterations: lower the server's scram_iterations and set the password again`,
      cause,
    );
  }
}

async function hmac(key: Bytes, text: string): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw broken("the server sent base64 that is none in a SCRAM message");
  }
}
