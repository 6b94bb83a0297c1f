// Three parsers by other hands, each brought to the same shape.

import { spawnSync } from "node:child_process";
import { simpleParser } from "mailparser";
import type { AddressObject } from "mailparser";
import PostalMime from "postal-mime";

/** What a reader sees of a message. */
export interface Seen {
  readonly subject: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly text: string;
  readonly html: string;
  readonly files: readonly Readonly<Record<"name" | "type" | "cid" | "content", string>>[];
}

const lines = (text: string | undefined | false): string => (text || "").replaceAll("\r\n", "\n").trimEnd();
const bare = (cid: string | undefined | null): string => (cid ?? "").replace(/^<|>$/g, "");
const base64 = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString("base64");
const shown = ({ name = "", address = "" }: { name?: string; address?: string }): string => `${name} <${address}>`;

/** How postal-mime reads it. */
export async function byPostalMime(raw: Uint8Array): Promise<Seen> {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  return {
    subject: mail.subject ?? "",
    from: [mail.from ?? {}].map((one) => shown(one as { name: string })),
    to: (mail.to ?? []).map((one) => shown(one as { name: string })),
    text: lines(mail.text),
    html: lines(mail.html),
    files: mail.attachments.map(({ filename, mimeType, contentId, content }) => ({
      name: filename ?? "",
      type: mimeType,
      cid: bare(contentId),
      content: base64(content as ArrayBuffer),
    })),
  };
}

/** How mailparser reads it. */
export async function byMailparser(raw: Uint8Array): Promise<Seen> {
  const mail = await simpleParser(Buffer.from(raw), {
    skipTextLinks: true,
    skipHtmlToText: true,
    skipImageLinks: true,
    skipTextToHtml: true,
  });
  const all = (field: AddressObject | AddressObject[] | undefined): string[] =>
    [field ?? []].flat().flatMap(({ value }) => value.map(shown));
  return {
    subject: mail.subject ?? "",
    from: all(mail.from),
    to: all(mail.to),
    text: lines(mail.text),
    html: lines(mail.html),
    files: mail.attachments.map(({ filename, contentType, cid, content }) => ({
      name: filename ?? "",
      type: contentType,
      cid: bare(cid),
      content: base64(content),
    })),
  };
}

const SCRIPT = `
import sys, json, base64, email, email.policy
def seen(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    people = lambda name: ["%s <%s>" % (a.display_name, a.addr_spec) for a in (mail[name].addresses if mail[name] else [])]
    text = html = None
    files = []
    for part in mail.walk():
        if part.is_multipart(): continue
        kind = part.get_content_type()
        if part.get_content_disposition() is None and kind == "text/plain" and text is None: text = part.get_content()
        elif part.get_content_disposition() is None and kind == "text/html" and html is None: html = part.get_content()
        else: files.append({"name": part.get_filename() or "", "type": kind, "cid": part.get("content-id") or "",
            "content": base64.b64encode(part.get_payload(decode=True)).decode()})
    defects = [type(d).__name__ for part in mail.walk() for d in part.defects]
    return {"subject": mail["subject"] or "", "from": people("from"), "to": people("to"), "text": text or "", "html": html or "",
        "files": files, "defects": defects}
print(json.dumps([seen(base64.b64decode(line)) for line in sys.stdin.read().split()]))
`;

/** How Python's `email` reads them, and what it complains of; `undefined` where there is no Python 3. */
export function byPython(raws: readonly Uint8Array[]): (Seen & { readonly defects: readonly string[] })[] | undefined {
  if (spawnSync("python3", ["--version"]).status !== 0) return undefined;
  const input = raws.map(base64).join("\n");
  const { status, stdout, stderr } = spawnSync("python3", ["-c", SCRIPT], {
    input,
    maxBuffer: 1 << 28,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`python3: ${stderr}`);
  const all = JSON.parse(stdout) as (Seen & { defects: string[] })[];
  return all.map((seen) => ({
    ...seen,
    text: lines(seen.text),
    html: lines(seen.html),
    files: seen.files.map((file) => ({ ...file, cid: bare(file.cid) })),
  }));
}
