import { ByteWriter } from "@landline/core/bytes";
import { expect, test } from "vitest";
import { argument, command, pathCommand } from "./encoder.ts";

function written(line: string): string {
  const writer = new ByteWriter();
  command(writer, line);
  return new TextDecoder().decode(writer.take());
}

test.each<[string, string]>([
  ["QUIT\r\n", "QUIT"],
  ["\r\n", ""],
  ["EHLO [127.0.0.1]\r\n", `EHLO ${argument("[127.0.0.1]")}`],
  ["MAIL FROM:<a@b.example>\r\n", pathCommand("MAIL FROM", "a@b.example", false)],
  ["MAIL FROM:<> SIZE=12\r\n", pathCommand("MAIL FROM", "", false, ["SIZE=12"])],
  ['RCPT TO:<"a > b"@c.example>\r\n', pathCommand("RCPT TO", '"a > b"@c.example', false)],
  [
    "RCPT TO:<пример@b.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@d.example\r\n",
    pathCommand("RCPT TO", "пример@b.example", true, ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;b+2Bc@d.example"]),
  ],
])("%j", (line, given) => {
  expect(written(given)).toBe(line);
});

const CONTROLS = [...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)), "\u007f"];

test.each(CONTROLS)("%j in a command is refused, and leaves no byte behind", (control) => {
  const writer = new ByteWriter();
  writer.utf8("before");
  const attempts = [
    () => command(writer, `EHLO legit.host${control}MAIL`),
    () => command(writer, pathCommand("MAIL FROM", `a${control}@b.example`, true)),
    () => command(writer, pathCommand("RCPT TO", `a@b.example${control}`, true)),
    () => command(writer, pathCommand("RCPT TO", `"a${control}RCPT TO:<x>"@b.example`, true)),
    () => pathCommand("MAIL FROM", "a@b.example", false, [`SIZE=1${control}`]),
    () => argument(`AA${control}AA`),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(TypeError);
  expect(new TextDecoder().decode(writer.take())).toBe("before");
});

test.each<[string, () => string]>([
  ["a blank in an argument", () => argument("a b")],
  ["an empty argument", () => argument("")],
  ["a path that ends early", () => pathCommand("RCPT TO", "a@b.example> ORCPT=rfc822;x@y.example", false)],
  ["a path with a blank", () => pathCommand("RCPT TO", "a@b.example x", false)],
  ["no path for a recipient", () => pathCommand("RCPT TO", "", false)],
  ["an open quote", () => pathCommand("RCPT TO", '"a@b.example', false)],
  ["a quote that an escape keeps open", () => pathCommand("RCPT TO", '"a\\"@b.example', false)],
  ["non-ASCII without SMTPUTF8", () => pathCommand("MAIL FROM", "é@b.example", false)],
  ["a lone surrogate", () => pathCommand("MAIL FROM", "\ud800@b.example", true)],
  ["a second parameter in one", () => pathCommand("MAIL FROM", "a@b.example", false, ["SIZE=1 BODY=8BITMIME"])],
  ["a path too long", () => pathCommand("RCPT TO", `${"a".repeat(250)}@b.example`, false)],
  ["a line too long", () => "A".repeat(13_000)],
])("refuses %s", (_name, line) => {
  const writer = new ByteWriter();
  expect(() => command(writer, line())).toThrow(TypeError);
  expect(writer.length).toBe(0);
});
