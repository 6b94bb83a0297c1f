// MIME parts (RFC 2045, 2046): text and attachments in a transfer encoding that any server carries, and the multiparts
// that hold them. Everything is 7-bit, in lines of 76 characters at most.

import { base64Segment } from "./base64.ts";
import { segmentOf } from "./content.ts";
import type { Content, Segment } from "./content.ts";
import { quotedPrintable, quotedPrintableCost } from "./quoted-printable.ts";
import { commas, tokenField } from "./headers.ts";
import { checkFields, checkText, checkWellFormed, escapeBytes, isAscii } from "./text.ts";

/** A part: its header fields, and its body in pieces. */
export interface Part {
  readonly header: string;
  readonly body: readonly Segment[];
}

/** A file to attach. */
export interface Attachment {
  /** What the receiver sees. */
  readonly filename?: string | undefined;
  /** Text is sent as UTF-8. What is large is encoded as it is sent. */
  readonly content: Content;
  /** Default: that of a Blob, else `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** The content's name in the HTML, without angle brackets: `<img src="cid:…">`. It is shown there, not as a file. */
  readonly cid?: string | undefined;
  /** Default `attachment`, or `inline` with a `cid`. */
  readonly contentDisposition?: "attachment" | "inline" | undefined;
}

/** Controls, lines of over 76, blanks at the end of one, and what mailboxes take for the start of a message. */
const NOT_PLAIN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|[^\r\n]{77}| $|^From /m;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/i;
const PARAMETER = /^[a-z0-9!#$&^_.+-]{1,60}=(?:[a-z0-9!#$&^_.+:/-]{1,60}|"[ !#-[\]-~]{0,60}")$/i;
const CONTENT_ID = /^[!-;=?-~]{1,200}$/;
const ATTACHMENT_FIELDS = "filename content contentType cid contentDisposition";
const UNRESERVED = /[A-Za-z0-9._~-]/;
const EXTENDED_SEGMENT = 50;
const utf8 = new TextEncoder();

/** Text of the given type, with its parameters apart; line ends of any kind become CRLF. */
export function textPart(contentType: string, text: unknown, what: string): Part {
  if (typeof text !== "string") throw new TypeError(`${what} must be a string`);
  checkWellFormed(text, what);
  const normal = /\r(?!\n)|(?<!\r)\n/.test(text) ? text.replace(/\r\n?|\n/g, "\r\n") : text;
  const bytes = utf8.encode(normal);
  const part = (encoding: string, body: Segment): Part => ({
    header: tokenField("Content-Type", mediaType(`${contentType}; charset=utf-8`)) + encodedAs(encoding),
    body: [body],
  });
  if (isPlain(normal)) return part("7bit", bytes);
  const cost = quotedPrintableCost(bytes);
  return cost <= (bytes.length * 4) / 3
    ? part("quoted-printable", quotedPrintable(bytes, cost))
    : part("base64", base64Segment(bytes));
}

function encodedAs(encoding: string): string {
  return `Content-Transfer-Encoding: ${encoding}\r\n`;
}

/** A file, in base64. @throws TypeError when its content, type or name cannot be written. */
export function attachmentPart(attachment: Attachment): Part {
  checkFields(attachment, ATTACHMENT_FIELDS, "an attachment");
  const { filename, content, cid } = attachment;
  const ofBlob = content instanceof Blob && content.type !== "" ? content.type : "application/octet-stream";
  const { contentType = ofBlob, contentDisposition = cid === undefined ? "attachment" : "inline" } = attachment;
  if (contentDisposition !== "attachment" && contentDisposition !== "inline")
    throw new TypeError('contentDisposition must be "attachment" or "inline"');
  if (cid !== undefined && !(typeof cid === "string" && CONTENT_ID.test(cid)))
    throw new TypeError("cid must be visible ASCII characters without angle brackets");
  const disposition =
    filename === undefined ? [contentDisposition] : [`${contentDisposition};`, ...filenameTokens(filename)];
  return {
    header:
      tokenField("Content-Type", mediaType(contentType)) +
      tokenField("Content-Disposition", disposition) +
      (cid === undefined ? "" : tokenField("Content-ID", [`<${cid}>`])) +
      encodedAs("base64"),
    body: [base64Segment(segmentOf(content, "the content of an attachment"))],
  };
}

/** Several parts in one. `boundary` must not occur in any of them. */
export function multipart(
  subtype: "alternative" | "mixed" | "related",
  parts: readonly Part[],
  boundary: string,
): Part {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && subtype !== "mixed") return only;
  const body: Segment[] = [];
  for (const part of parts) {
    body.push(utf8.encode(`--${boundary}\r\n${part.header}\r\n`), ...part.body, utf8.encode("\r\n"));
  }
  body.push(utf8.encode(`--${boundary}--\r\n`));
  return { header: `Content-Type: multipart/${subtype};\r\n boundary="${boundary}"\r\n`, body };
}

/** ASCII without controls, in lines that nothing on the way has a reason to touch. */
function isPlain(text: string): boolean {
  return isAscii(text) && !NOT_PLAIN.test(text);
}

function mediaType(contentType: unknown): string[] {
  checkText(contentType, "contentType");
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim());
  if (!MEDIA_TYPE.test(type) || !parameters.every((parameter) => PARAMETER.test(parameter))) {
    throw new TypeError("contentType must be type/subtype, with parameters such as charset=utf-8");
  }
  if (/^(?:multipart|message)\//i.test(type)) throw new TypeError("an attachment cannot be multipart/* or message/*");
  return commas([type, ...parameters], ";");
}

/** `filename="…"`, or by RFC 2231 in segments where it is long or not ASCII. */
function filenameTokens(filename: unknown): string[] {
  checkText(filename, "filename");
  if (isAscii(filename) && filename.length <= EXTENDED_SEGMENT)
    return [`filename="${filename.replace(/[\\"]/g, "\\$&")}"`];
  // No border falls into an escape.
  const segments = escapeBytes(filename, "%", UNRESERVED).match(/.{1,50}(?<!%.?)/g) as string[];
  if (segments.length === 1) return [`filename*=utf-8''${segments[0]}`];
  return commas(
    segments.map((segment, index) => `filename*${index}*=${index === 0 ? "utf-8''" : ""}${segment}`),
    ";",
  );
}
