// From a message's fields to its bytes (RFC 5322, MIME) and its envelope. Bcc goes to the envelope alone. Takes its clock
// and its randomness from the caller; the same input gives the same bytes.

import { formatAddress, parseAddresses } from "./address.ts";
import type { Mailbox } from "./address.ts";
import { join, sizeOf } from "./content.ts";
import type { Segment } from "./content.ts";
import { addressField, textField } from "./headers.ts";
import { idField, listFields } from "./list.ts";
import { FIELDS, OWN_HEADERS, RAW_FIELDS } from "./message.ts";
import type { Message } from "./message.ts";
import { attachmentPart, multipart, textPart } from "./parts.ts";
import type { Part } from "./parts.ts";
import { readRaw } from "./raw.ts";
import type { Raw } from "./raw.ts";
import { reportParameters } from "./reports.ts";
import type { Dsn } from "../send.ts";
import { checkFields, checkText, isAscii } from "./text.ts";

/** Where a composer's time and chance come from. */
export interface Circumstances {
  now(): Date;
  /** So many random bytes. */
  random(bytes: number): Uint8Array;
}

/** A message ready to be sent. */
export interface Composed {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** With its angle brackets; "" for a raw message in which none was found. */
  readonly messageId: string;
  /** Whether an address is not ASCII, so that headers are UTF-8 and the server must offer SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** Whether there may be bytes over 127 in the body. */
  readonly eightBit: boolean;
  readonly requireTls: boolean;
  readonly dsn: Dsn | undefined;
  /** Bytes of the message, where known: only a stream's are not. */
  readonly size: number | undefined;
  /**
   * The message in pieces, lines ended by CRLF, before the transparency of DATA. An array unless something large or a
   * stream is in it; a piece of a stream is valid until the next is asked for.
   */
  readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  /** The same in stretches, for those who read it more than once. */
  readonly segments: readonly Segment[];
}

/** @throws TypeError for a field that cannot be written, or is not known. Nothing of a field's content is in its message. */
export function compose(message: Message, circumstances: Circumstances): Composed {
  const { raw, subject, messageId } = message;
  checkFields(message, raw === undefined ? FIELDS : RAW_FIELDS, raw === undefined ? "a message" : "a raw message");
  if (raw !== undefined) return finish(message, [], readRaw(raw));

  const list = (field: "from" | "sender" | "to" | "cc" | "bcc" | "replyTo"): Mailbox[] =>
    parseAddresses(message[field] ?? [], `"${field}"`);
  const [from, sender, to, cc, replyTo] = [list("from"), list("sender"), list("to"), list("cc"), list("replyTo")];
  const author = sender[0] ?? from[0];
  if (from.length === 0 || author === undefined || sender.length > 1 || (from.length > 1 && sender.length === 0))
    throw new TypeError('"from" must be one address, or "sender" one of several');

  const random = (): string => hex(circumstances.random(16));
  const id = messageId ?? `<${random()}@${author.domain.replace(/[[\]]/g, "")}>`;
  const header = [
    addressField("From", from),
    addressField("Sender", sender),
    addressField("Reply-To", replyTo),
    addressField("To", to),
    addressField("Cc", cc),
    subject === undefined ? "" : textField("Subject", subject),
    `Date: ${formatDate(message.date ?? circumstances.now())}\r\n`,
    idField("Message-ID", id),
    idField("In-Reply-To", message.inReplyTo),
    idField("References", message.references),
    ...listFields(message.list ?? {}),
    ...furtherHeaders(message.headers ?? {}),
    "MIME-Version: 1.0\r\n",
  ].join("");
  const root = content(message, () => `=_${random()}`);
  const segments: Segment[] = [new TextEncoder().encode(`${header}${root.header}\r\n`), ...root.body];
  const last = segments.at(-1);
  if (last instanceof Uint8Array && last.at(-1) !== 0x0a) segments.push(new Uint8Array([0x0d, 0x0a]));
  const recipients = [...to, ...cc, ...list("bcc")];
  // What is only in the envelope shows in no header.
  const shown = [...from, ...sender, ...to, ...cc, ...replyTo].map(formatAddress);
  return finish(message, shown, { segments, messageId: id }, { from: author, to: recipients });
}

/** The envelope, and everything that goes with it. */
function finish(
  { envelope, dsn, requireTls = false }: Message,
  shown: readonly string[],
  { segments, messageId, eightBit = false }: Omit<Raw, "eightBit"> & Partial<Raw>,
  own?: { readonly from: Mailbox; readonly to: readonly Mailbox[] },
): Composed {
  checkFields(envelope ?? {}, "from to", "an envelope");
  const { from: given, to: givenTo } = envelope ?? {};
  const [from = own?.from, ...more] = parseAddresses(given === undefined || given === "" ? [] : given, "envelope.from");
  const reversePath = given === "" ? "" : from && formatAddress(from);
  if (reversePath === undefined || more.length > 0)
    throw new TypeError('a message needs one sender: from, or envelope.from, which may be ""');
  const mailboxes = givenTo === undefined ? own?.to : parseAddresses(givenTo, "envelope.to");
  const to = [...new Set(mailboxes?.map(formatAddress))];
  if (to.length === 0) throw new TypeError("a message needs a recipient in to, cc, bcc or envelope.to");
  return {
    envelope: { from: reversePath, to },
    messageId,
    smtpUtf8: ![reversePath, ...to, ...shown].every(isAscii),
    eightBit,
    requireTls,
    dsn: dsn && reportParameters(dsn, to),
    size: sizeOf(segments),
    body: join(segments),
    segments,
  };
}

/** mixed(alternative(text, related(html, inline parts), others, invitation), files), as much of it as there is. */
function content(message: Message, boundary: () => string): Part {
  const { text, html, alternatives = [], icalEvent, attachments = [] } = message;
  const inline = html === undefined ? [] : attachments.filter(({ cid }) => cid !== undefined);
  const files = attachments.filter((attachment) => !inline.includes(attachment)).map(attachmentPart);
  const bodies: Part[] = [];
  if (text !== undefined) bodies.push(textPart("text/plain", text, "text"));
  if (html !== undefined)
    bodies.push(multipart("related", [textPart("text/html", html, "html"), ...inline.map(attachmentPart)], boundary()));
  for (const { contentType, content: alternative } of alternatives) {
    if (!/^text\//i.test(contentType)) throw new TypeError("an alternative must be text/*");
    bodies.push(textPart(contentType, alternative, "an alternative"));
  }
  if (icalEvent !== undefined) {
    const { method = "PUBLISH", content: calendar, filename } = icalEvent;
    checkText(method, "icalEvent.method");
    bodies.push(textPart(`text/calendar; method=${method.toUpperCase()}`, calendar, "icalEvent.content"));
    if (filename !== undefined)
      files.push(attachmentPart({ filename, content: calendar, contentType: "application/ics" }));
  }
  if (bodies.length === 0 && files.length === 0) bodies.push(textPart("text/plain", "", "text"));
  const body = bodies.length === 0 ? [] : [multipart("alternative", bodies, boundary())];
  return files.length === 0 ? (body[0] as Part) : multipart("mixed", [...body, ...files], boundary());
}

function furtherHeaders(headers: Readonly<Record<string, string | readonly string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, values]) => {
    if (OWN_HEADERS.test(name)) throw new TypeError(`header ${name} is written from the message's own fields`);
    return (typeof values === "string" ? [values] : values).map((value) => textField(name, value));
  });
}

/** RFC 5322 3.3, in UTC. */
function formatDate(date: Date): string {
  const year = date instanceof Date ? date.getUTCFullYear() : 0;
  if (!(year >= 1900 && year <= 9999)) throw new TypeError("date must be a valid Date in the years 1900 to 9999");
  return date.toUTCString().replace("GMT", "+0000");
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
