// From a message's fields to its bytes (RFC 5322, MIME) and its envelope. Bcc goes to the envelope alone. Takes its clock
// and its randomness from the caller; the same input gives the same bytes.

import { formatAddress, parseAddresses } from "./address.ts";
import type { Addresses, Mailbox } from "./address.ts";
import { addressField, textField, tokenField } from "./headers.ts";
import { attachmentPart, multipart, textPart } from "./parts.ts";
import type { Attachment, Part } from "./parts.ts";
import { checkText, isAscii } from "./text.ts";

/** A mail. Field names are those of nodemailer. */
export interface Message {
  /** One address. It is the envelope's sender as well. */
  readonly from: Addresses;
  readonly to?: Addresses | undefined;
  readonly cc?: Addresses | undefined;
  /** Recipients that no header names. */
  readonly bcc?: Addresses | undefined;
  readonly replyTo?: Addresses | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** Further headers. Those that other fields of the message write are refused here. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** `<left@right>`. Default: random, at the sender's domain. */
  readonly messageId?: string | undefined;
  /** Default: now. */
  readonly date?: Date | undefined;
}

/** Where a composer's time and chance come from. */
export interface Circumstances {
  now(): Date;
  /** So many random bytes. */
  random(bytes: number): Uint8Array;
}

/** A message ready to be sent. */
export interface Composed {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** With its angle brackets. */
  readonly messageId: string;
  /** Whether an address is not ASCII, so that headers are UTF-8 and the server must offer SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** Bytes of the message. */
  readonly size: number | undefined;
  /** The message in pieces, lines ended by CRLF, before the transparency of DATA. */
  readonly body: Iterable<Uint8Array>;
}

const FIELDS: ReadonlySet<string> = new Set<keyof Message>([
  "from",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "text",
  "html",
  "attachments",
  "headers",
  "messageId",
  "date",
]);
const OWN_HEADERS =
  /^(?:from|to|cc|bcc|reply-to|sender|subject|date|message-id|mime-version|content-.*|return-path|resent-bcc)$/i;
const MESSAGE_ID = /^<[!-;=?-~]+@[!-;=?-~]+>$/;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @throws TypeError for a field that cannot be written, or is not known. Nothing of a field's content is in its message. */
export function compose(message: Message, circumstances: Circumstances): Composed {
  for (const field of Object.keys(message)) {
    if (!FIELDS.has(field)) throw new TypeError(`a message has no field ${JSON.stringify(field.slice(0, 40))} here`);
  }
  const list = (field: "from" | "to" | "cc" | "bcc" | "replyTo"): Mailbox[] => {
    const given = message[field];
    return given === undefined || (Array.isArray(given) && given.length === 0)
      ? []
      : parseAddresses(given, `"${field}"`);
  };
  const from = list("from");
  const [sender] = from;
  if (sender === undefined || from.length > 1) throw new TypeError('"from" must be one address');
  const to = list("to");
  const cc = list("cc");
  const replyTo = list("replyTo");
  const recipients = [...new Set([...to, ...cc, ...list("bcc")].map(formatAddress))];
  if (recipients.length === 0) throw new TypeError("a message needs a recipient in to, cc or bcc");

  const boundary = (): string => `=_${hex(circumstances.random(16))}`;
  const messageId = message.messageId ?? `<${hex(circumstances.random(16))}@${sender.domain.replace(/[[\]]/g, "")}>`;
  checkText(messageId, "messageId");
  if (!MESSAGE_ID.test(messageId)) throw new TypeError("messageId must look like <left@right>");

  const header = [
    addressField("From", from),
    replyTo.length > 0 ? addressField("Reply-To", replyTo) : "",
    to.length > 0 ? addressField("To", to) : "",
    cc.length > 0 ? addressField("Cc", cc) : "",
    message.subject === undefined ? "" : textField("Subject", message.subject),
    `Date: ${formatDate(message.date ?? circumstances.now())}\r\n`,
    tokenField("Message-ID", [messageId]),
    ...furtherHeaders(message.headers ?? {}),
    "MIME-Version: 1.0\r\n",
  ].join("");
  const root = content(message, boundary);
  const pieces = [new TextEncoder().encode(`${header}${root.header}\r\n`), ...root.body];
  const last = pieces.at(-1) as Uint8Array;
  if (last.length === 0 || last.at(-1) !== 0x0a) pieces.push(new Uint8Array([0x0d, 0x0a]));
  const addresses = [formatAddress(sender), ...recipients, ...replyTo.map(formatAddress)];
  return {
    envelope: { from: formatAddress(sender), to: recipients },
    messageId,
    smtpUtf8: !addresses.every(isAscii),
    size: pieces.reduce((sum, piece) => sum + piece.length, 0),
    body: pieces,
  };
}

function content({ text, html, attachments = [] }: Message, boundary: () => string): Part {
  const bodies: Part[] = [];
  if (text !== undefined) bodies.push(textPart("plain", text));
  if (html !== undefined) bodies.push(textPart("html", html));
  if (bodies.length === 0 && attachments.length === 0) bodies.push(textPart("plain", ""));
  const body = bodies.length > 1 ? [multipart("alternative", bodies, boundary())] : bodies;
  if (attachments.length === 0) return body[0] as Part;
  return multipart("mixed", [...body, ...attachments.map(attachmentPart)], boundary());
}

function furtherHeaders(headers: Readonly<Record<string, string | readonly string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, values]) => {
    if (OWN_HEADERS.test(name)) throw new TypeError(`header ${name} is written from the message's own fields`);
    return (typeof values === "string" ? [values] : values).map((value) => textField(name, value));
  });
}

/** RFC 5322 3.3, in UTC. */
function formatDate(date: Date): string {
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw new TypeError("date must be a valid Date");
  const year = date.getUTCFullYear();
  if (year < 1900 || year > 9999) throw new TypeError("date must be in the years 1900 to 9999");
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${year} ${time} +0000`;
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
