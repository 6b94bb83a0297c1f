import { ByteWriter } from "@landline/core/bytes";
import { expect, test } from "vitest";
import { auth, authResponse, bdat, data, ehlo, mail, noop, quit, rcpt, rset, starttls } from "./encoder.ts";

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return new TextDecoder().decode(writer.take());
}

test.each<[string, (writer: ByteWriter) => void]>([
  ["EHLO worker.example\r\n", (w) => ehlo(w, "worker.example")],
  ["EHLO [127.0.0.1]\r\n", (w) => ehlo(w, "[127.0.0.1]")],
  ["STARTTLS\r\n", starttls],
  ["AUTH PLAIN AHUAcA==\r\n", (w) => auth(w, "PLAIN", "AHUAcA==")],
  ["AUTH LOGIN\r\n", (w) => auth(w, "LOGIN")],
  ["dQ==\r\n", (w) => authResponse(w, "dQ==")],
  ["\r\n", (w) => authResponse(w, "")],
  ["MAIL FROM:<a@b.example>\r\n", (w) => mail(w, "a@b.example")],
  ["MAIL FROM:<>\r\n", (w) => mail(w, "")],
  ["MAIL FROM:<a@b.example> SIZE=12 SMTPUTF8\r\n", (w) => mail(w, "a@b.example", { size: 12, smtpUtf8: true })],
  ['RCPT TO:<"a > b"@c.example>\r\n', (w) => rcpt(w, '"a > b"@c.example')],
  ["RCPT TO:<пример@b.example>\r\n", (w) => rcpt(w, "пример@b.example", { smtpUtf8: true })],
  [
    "MAIL FROM:<a@b.example> SIZE=0 BODY=8BITMIME REQUIRETLS RET=HDRS ENVID=QQ+2B3+3D+20x\r\n",
    (w) => mail(w, "a@b.example", { size: 0, eightBit: true, requireTls: true, ret: "HDRS", envid: "QQ+3= x" }),
  ],
  [
    "RCPT TO:<a@b.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@d.example\r\n",
    (w) => rcpt(w, "a@b.example", { notify: ["SUCCESS", "DELAY"], orcpt: "b+c@d.example" }),
  ],
  ["LHLO a.example\r\n", (w) => ehlo(w, "a.example", true)],
  ["BDAT 5\r\n", (w) => bdat(w, 5, false)],
  ["BDAT 0 LAST\r\n", (w) => bdat(w, 0, true)],
  ["DATA\r\n", data],
  ["RSET\r\n", rset],
  ["NOOP\r\n", noop],
  ["QUIT\r\n", quit],
])("%j", (line, write) => {
  expect(written(write)).toBe(line);
});

const CONTROLS = [...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)), "\u007f"];

test.each(CONTROLS)("%j in any argument is refused, and leaves no byte behind", (control) => {
  const writer = new ByteWriter();
  writer.utf8("before");
  const attempts = [
    () => ehlo(writer, `legit.host${control}MAIL`),
    () => auth(writer, `PLAIN${control}`),
    () => auth(writer, "PLAIN", `AA${control}AA`),
    () => authResponse(writer, `AA${control}`),
    () => mail(writer, `a${control}@b.example`),
    () => rcpt(writer, `a@b.example${control}`),
    () => rcpt(writer, `"a${control}RCPT TO:<x>"@b.example`),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(TypeError);
  expect(new TextDecoder().decode(writer.take())).toBe("before");
});

test.each<[string, (writer: ByteWriter) => void]>([
  ["a blank in a name", (w) => ehlo(w, "a b")],
  ["an empty name", (w) => ehlo(w, "")],
  ["a path that ends early", (w) => rcpt(w, "a@b.example> ORCPT=rfc822;x@y.example")],
  ["a path with a blank", (w) => rcpt(w, "a@b.example x")],
  ["an open quote", (w) => rcpt(w, '"a@b.example')],
  ["a quote that an escape keeps open", (w) => rcpt(w, '"a\\"@b.example')],
  ["non-ASCII without SMTPUTF8", (w) => mail(w, "é@b.example")],
  ["a lone surrogate", (w) => mail(w, "\ud800@b.example", { smtpUtf8: true })],
  ["a size that is none", (w) => mail(w, "a@b.example", { size: "100\r\nRCPT TO:<x@y.example>" as never })],
  ["a path too long", (w) => rcpt(w, `${"a".repeat(250)}@b.example`)],
  ["a line too long", (w) => authResponse(w, "A".repeat(13_000))],
])("refuses %s", (_name, write) => {
  const writer = new ByteWriter();
  expect(() => write(writer)).toThrow(TypeError);
  expect(writer.length).toBe(0);
});

test.each<[string, (writer: ByteWriter) => void]>([
  ["NEVER with others", (w) => rcpt(w, "a@b.example", { notify: ["NEVER", "DELAY"] })],
  ["a word that is none", (w) => rcpt(w, "a@b.example", { notify: ["SUCCESS X=1" as never] })],
  ["no word", (w) => rcpt(w, "a@b.example", { notify: [] })],
  ["an original recipient that is not ASCII", (w) => rcpt(w, "a@b.example", { orcpt: "ä@b.example" })],
  ["an id with CRLF", (w) => mail(w, "a@b.example", { envid: "x\r\nRCPT TO:<evil@z.example>" })],
  ["an empty id", (w) => mail(w, "a@b.example", { envid: "" })],
  ["an id that is too long", (w) => mail(w, "a@b.example", { envid: "x".repeat(101) })],
  ["RET that is none", (w) => mail(w, "a@b.example", { ret: "BODY" as never })],
])("delivery reports: %s is refused", (_why, write) => {
  const writer = new ByteWriter();
  expect(() => write(writer)).toThrow(TypeError);
  expect(writer.length).toBe(0);
});
