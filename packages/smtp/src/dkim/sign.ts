// DKIM signatures (RFC 6376, RFC 8463), relaxed/relaxed, one for each key. The body is read twice, so that everything in it
// must be readable twice; the fields that are signed are also signed as absent once more, so that none can be added.

import { encodeBase64 } from "../message/base64.ts";
import type { Composed } from "../message/compose.ts";
import { sizeOf, join } from "../message/content.ts";
import type { Segment } from "../message/content.ts";
import { asciiDomain } from "../message/domain.ts";
import { fieldsOf, RelaxedBody, relaxedField } from "./canonical.ts";
import { importKey, signWith } from "./key.ts";
import type { PrivateKey, SigningKey } from "./key.ts";
import { Sha256 } from "./sha256.ts";

/** Whose signature, and by which keys. */
export interface DkimOptions {
  /** Whose mail this is: the receiver looks the public key up at `<selector>._domainkey.<domain>`. */
  readonly domain: string;
  /** One key, or several: an RSA key, which every receiver knows, beside an Ed25519 key. PEM, or a CryptoKey. */
  readonly keys: readonly { readonly selector: string; readonly privateKey: string | PrivateKey }[];
  /** Further fields to sign, beside those that RFC 6376 5.4.1 recommends. */
  readonly headers?: readonly string[];
}

/** RFC 6376 5.4.1, and what RFC 8058 asks for. */
const SIGNED: readonly string[] = [
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
  "content-id",
  "list-id",
  "list-help",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-subscribe",
  "list-post",
  "list-owner",
  "list-archive",
];
/** Signed once more than they occur: an attacker who adds one breaks the signature. */
const OVERSIGNED: readonly string[] = ["from", "to", "cc", "subject", "date", "reply-to", "content-type"];
const SELECTOR = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const FIELD_NAME = /^[!-9<-~]{1,76}$/;
const END_OF_HEADER = [0x0d, 0x0a, 0x0d, 0x0a];
const MAX_HEADER_BYTES = 1024 * 1024;

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A signer for {@link SmtpOptions.dkim}. Does nothing until a message is signed.
 * @throws TypeError for a domain, a selector or a field's name that cannot be one.
 *
 * @example
 * const signer = (pem: string) => dkim({ domain: "shop.example", keys: [{ selector: "s1", privateKey: pem }] });
 */
export function dkim(options: DkimOptions): (message: Composed) => Promise<Composed> {
  const domain = asciiDomain(options.domain);
  const further = (options.headers ?? []).map((name) => name.toLowerCase());
  const { keys } = options;
  if (keys.length === 0) throw new TypeError("dkim needs a key");
  if (!keys.every(({ selector }) => SELECTOR.test(selector)))
    throw new TypeError("a DKIM selector must be like a domain");
  if (!further.every((name) => FIELD_NAME.test(name) && name !== "dkim-signature" && !name.includes(";")))
    throw new TypeError("a field to sign must have the name of a header");
  const names = [...new Set([...SIGNED, ...further])];
  // Imported when they are needed first, and kept as values: no promise of one request is awaited in another.
  let imported: readonly SigningKey[] | undefined;

  return async (message) => {
    const [first, ...body] = await split(message.segments);
    const fields = fieldsOf(text.decode(first));
    const digest = await bodyHash(body);
    const added: string[] = [];
    imported ??= await Promise.all(keys.map(({ privateKey }) => importKey(privateKey)));
    for (const [index, key] of imported.entries()) {
      const selector = keys[index]?.selector as string;
      added.push(
        await signature(key, `${key.algorithm}; c=relaxed/relaxed; d=${domain};`, selector, names, fields, digest),
      );
    }
    const segments = [utf8.encode(added.join("")), ...message.segments];
    return { ...message, segments, size: sizeOf(segments), body: join(segments) };
  };
}

/** The field, with its CRLF. */
async function signature(
  key: SigningKey,
  how: string,
  selector: string,
  names: readonly string[],
  fields: readonly string[],
  digest: string,
): Promise<string> {
  const byName = new Map<string, string[]>();
  for (const field of fields) {
    const name = field.slice(0, field.indexOf(":")).trim().toLowerCase();
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [field]);
    else same.push(field);
  }
  const signed: string[] = [];
  let data = "";
  for (const name of names) {
    // RFC 6376 5.4.2: from the last to the first, and then once more where there is none left.
    for (const field of (byName.get(name) ?? []).reverse()) {
      data += relaxedField(field);
      signed.push(name);
    }
    if (OVERSIGNED.includes(name)) signed.push(name);
  }
  const lines = [
    `DKIM-Signature: v=1; a=${how}`,
    ` s=${selector};`,
    ...wrapped(
      signed.map((name, index) => name + (index < signed.length - 1 ? ":" : ";")),
      " h=",
    ),
    ` bh=${digest};`,
    " b=",
  ];
  const unsigned = lines.join("\r\n");
  data += relaxedField(`${unsigned}\r\n`).slice(0, -2);
  const value = encodeBase64(await signWith(key, utf8.encode(data)));
  return `${unsigned}${(value.match(/.{1,72}/g) ?? []).join("\r\n ")}\r\n`;
}

/** Joins tokens into lines of 76 characters, `start` before the first. */
function wrapped(tokens: readonly string[], start: string): string[] {
  const lines = [start];
  for (const token of tokens) {
    if ((lines.at(-1) as string).length + token.length > 76) lines.push(` ${token}`);
    else lines[lines.length - 1] += token;
  }
  return lines;
}

async function bodyHash(body: readonly Segment[]): Promise<string> {
  const hash = new Sha256();
  const canonical = new RelaxedBody();
  for (const segment of body) {
    for await (const piece of segment instanceof Uint8Array ? [segment] : segment.open())
      hash.update(canonical.push(piece));
  }
  hash.update(canonical.end());
  return encodeBase64(hash.digest());
}

/** The header, and what follows the empty line. @throws TypeError when something can be read only once. */
async function split(segments: readonly Segment[]): Promise<[Uint8Array, ...Segment[]]> {
  if (segments.some((segment) => !(segment instanceof Uint8Array) && !segment.replayable)) {
    throw new TypeError(
      "a stream that can be read only once cannot be signed: DKIM reads it twice; give a Blob, bytes, or a function that opens it anew",
    );
  }
  const [first, ...rest] = segments;
  if (first === undefined) return [new Uint8Array(0)];
  const [header, at] = first instanceof Uint8Array ? [first, endOfHeader(first, 0)] : await readHeader(first);
  if (at < 0) return [header];
  if (first instanceof Uint8Array) return [header.subarray(0, at - 2), header.subarray(at), ...rest];
  return [header.subarray(0, at - 2), behind(first, at), ...rest];
}

/** As much of a stream as holds its header. */
async function readHeader(segment: Exclude<Segment, Uint8Array>): Promise<[Uint8Array, number]> {
  let held = new Uint8Array(0);
  for await (const piece of segment.open()) {
    const from = Math.max(0, held.length - 3);
    const grown = new Uint8Array(held.length + piece.length);
    grown.set(held);
    grown.set(piece, held.length);
    held = grown;
    const at = endOfHeader(held, from);
    if (at >= 0) return [held, at];
    if (held.length > MAX_HEADER_BYTES) throw new TypeError("the header of a raw message is too long to be signed");
  }
  return [held, -1];
}

/** Where the body begins, or -1. */
function endOfHeader(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x0d, from); at >= 0; at = bytes.indexOf(0x0d, at + 1))
    if (END_OF_HEADER.every((byte, index) => bytes[at + index] === byte)) return at + 4;
  return -1;
}

/** The same stream without its first bytes. */
function behind(segment: Exclude<Segment, Uint8Array>, skip: number): Segment {
  return {
    size: undefined,
    replayable: true,
    async *open() {
      let left = skip;
      for await (const piece of segment.open()) {
        const cut = Math.min(left, piece.length);
        left -= cut;
        if (cut < piece.length) yield piece.subarray(cut);
      }
    },
  };
}
