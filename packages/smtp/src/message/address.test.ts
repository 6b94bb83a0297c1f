import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddresses } from "./address.ts";

test.each<[input: Parameters<typeof parseAddresses>[0], expected: [name: string, address: string][]]>([
  ["a@b.example", [["", "a@b.example"]]],
  [" a@b.example ", [["", "a@b.example"]]],
  ["<a@b.example>", [["", "a@b.example"]]],
  ["Ann <a@b.example>", [["Ann", "a@b.example"]]],
  ["Ann M. Other <a@b.example>", [["Ann M. Other", "a@b.example"]]],
  ["Зоя <z@b.example>", [["Зоя", "z@b.example"]]],
  ['"Other, Ann" <a@b.example>', [["Other, Ann", "a@b.example"]]],
  ['"x@evil.example" <a@b.example>', [["x@evil.example", "a@b.example"]]],
  ['"a \\"quoted\\" name" <a@b.example>', [['a "quoted" name', "a@b.example"]]],
  [
    "a@b.example, Bob <c@d.example>,e@f.example",
    [
      ["", "a@b.example"],
      ["Bob", "c@d.example"],
      ["", "e@f.example"],
    ],
  ],
  [
    "Team: a@b.example, Bob <c@d.example>;",
    [
      ["", "a@b.example"],
      ["Bob", "c@d.example"],
    ],
  ],
  [
    "Team: a@b.example;, c@d.example",
    [
      ["", "a@b.example"],
      ["", "c@d.example"],
    ],
  ],
  ["undisclosed-recipients:;", []],
  ["user+tag@B.Example", [["", "user+tag@b.example"]]],
  ["o'neil@b.example", [["", "o'neil@b.example"]]],
  ['"john..doe"@b.example', [["", '"john..doe"@b.example']]],
  ['"john.doe"@b.example', [["", "john.doe@b.example"]]],
  ['"xclow3n@gmail.com x"@internal.example', [["", '"xclow3n@gmail.com x"@internal.example']]],
  [
    '"foo@psres.example> ORCPT=admin@admin.example"@test.example',
    [["", '"foo@psres.example> ORCPT=admin@admin.example"@test.example']],
  ],
  ["a@[192.0.2.1]", [["", "a@[192.0.2.1]"]]],
  ["A <a@[IPv6:2001:db8::1]>", [["A", "a@[IPv6:2001:db8::1]"]]],
  ["пример@b.example", [["", "пример@b.example"]]],
  ["a@bücher.example", [["", "a@xn--bcher-kva.example"]]],
  ["a@faß.example", [["", "a@xn--fa-hia.example"]]],
  ["a@例え.テスト", [["", "a@xn--r8jz45g.xn--zckzah"]]],
  [{ address: "a@b.example" }, [["", "a@b.example"]]],
  [{ name: "Ann, <x@y.example>", address: "a@b.example" }, [["Ann, <x@y.example>", "a@b.example"]]],
  [
    ["a@b.example, c@d.example", { name: "E", address: "e@f.example" }],
    [
      ["", "a@b.example"],
      ["", "c@d.example"],
      ["E", "e@f.example"],
    ],
  ],
])("%j", (input, expected) => {
  expect(parseAddresses(input).map((mailbox) => [mailbox.name, formatAddress(mailbox)])).toEqual(expected);
});

test.each<[why: string, input: unknown]>([
  ["empty", ""],
  ["blank", "  "],
  ["no domain", "a"],
  ["no local part", "@b.example"],
  ["an empty quoted local part", '""@b.example'],
  ["two @", "a@b@c.example"],
  ["a comment that glues domains", "user@good-corp.example(x)evil.example"],
  ["a comment before", "(x)a@b.example"],
  ["a comment in a name", "Ann (x) <a@b.example>"],
  ["text after the bracket", "<aaa@bbb.example>ccc@ddd.example"],
  ["an address as a name", "aaa@bbb.example <ccc@ddd.example>"],
  ["two brackets", "<a@b.example><c@d.example>"],
  ["an open bracket", "Ann <a@b.example"],
  ["a bracket within", "Ann <<a@b.example>>"],
  ["a route", "<@x.example,@y.example:a@b.example>"],
  ["an open quote", '"Ann <a@b.example>'],
  ["a quote that ends in a backslash", '"Ann\\'],
  ["an obsolete local part", 'a."b".c@d.example'],
  ["quotes apart from the @", '"a" @b.example'],
  ["a blank within", "a b@c.example"],
  ["a leading dot", ".a@b.example"],
  ["two dots", "a..b@c.example"],
  ["an encoded word as local part", "=?utf-8?q?a=40evil.example=3e?=@good.example"],
  ["an encoded word in quotes", '"=?utf-8?q?a=40evil.example=3e?="@good.example'],
  ["CRLF in a name", "Ann\r\nX-Injected: 1 <a@b.example>"],
  ["CRLF in an address", "a@b.example>\r\nRCPT TO:<evil@z.example"],
  ["CRLF in a quoted local part", '"a\r\nRCPT TO:<x>"@b.example'],
  ["NUL", "a\0@b.example"],
  ["DEL", "a\u007f@b.example"],
  ["a tab", "Ann\t<a@b.example>"],
  ["a lone surrogate", "a\ud800@b.example"],
  ["an invisible character", "a\u200b\u0431@b.example"],
  ["a semicolon between", "a@b.example; c@d.example"],
  ["a comma at the end", "a@b.example,"],
  ["a comma at the start", ",a@b.example"],
  ["nested groups", "g0: g1: a@b.example;;"],
  ["an open group", "g: a@b.example"],
  ["a group without a name", ": a@b.example;"],
  ["text after a group", "g: a@b.example; c@d.example"],
  ["a trailing dot", "a@b.example."],
  ["an underscore", "a@b_c.example"],
  ["a hyphen first", "a@-b.example"],
  ["a label of 64", `a@${"b".repeat(64)}.example`],
  ["a numeric top", "a@127.1"],
  ["a bad literal", "a@[300.1.1.1]"],
  ["a literal with more", "a@[192.0.2.1]evil.example"],
  ["a path of 255", `${"a".repeat(255 - "@b.example".length)}@b.example`],
  ["a soft hyphen", "a@company\u00ad.example"],
  ["full-width letters", "a@ｇｍａｉｌ.example"],
  ["full-width digits", "a@１２７.0.0.1"],
  ["an ideographic full stop", "a@例え。テスト"],
  ["a zero-width joiner", "a@b\u200dü.example"],
  ["a slash behind a label", "a@bü/x.example"],
  ["a percent sign", "a@bü%2eb.example"],
  ["an object with a list", { address: "a@b.example, c@d.example" }],
  ["an object with a name inside", { address: "Ann <a@b.example>" }],
  ["an object with CRLF in the address", { name: "x", address: "a@b.example\r\nX: y" }],
  ["an object with CRLF in the name", { name: "x\r\nX: y", address: "a@b.example" }],
  ["an object without address", { name: "x" }],
  ["a number", 5],
  ["null", null],
])("refuses %s, without repeating it", (_why, input) => {
  let thrown: unknown;
  try {
    parseAddresses(input as never);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect((thrown as TypeError).message).not.toContain("example");
});

test("a long list, deep nesting and long quotes take one pass", () => {
  const many = Array.from({ length: 200_000 }, (_, index) => `"User, ${index}" <u${index}@d${index}.example>`).join(
    ", ",
  );
  expect(parseAddresses(many)).toHaveLength(200_000);
  for (const text of [
    "g: ".repeat(100_000),
    "<".repeat(100_000),
    '"'.repeat(99_999),
    "(".repeat(100_000),
    "a ".repeat(100_000),
    "@".repeat(100_000),
    "a@[".repeat(50_000),
    `${" ".repeat(100_000)}(`,
    `${"a".repeat(100_000)}(`,
    `${"a.".repeat(50_000)}(`,
    `a@${"a-.".repeat(50_000)}(`,
    `a@${"a".repeat(100_000)}`,
    `"${"a".repeat(100_000)}" (`,
    '"a" "b" <x@y.example> (,'.repeat(10_000),
  ]) {
    expect(() => parseAddresses(text)).toThrow(TypeError);
  }
});

test("whatever is accepted is written so that it reads the same", () => {
  const local = fc
    .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 })
    .filter((text) => !text.includes("=?"));
  fc.assert(
    fc.property(local, (text) => {
      const quoted = `"${text.replace(/[\\"]/g, "\\$&")}"@b.example`;
      const [mailbox] = parseAddresses(quoted);
      expect(mailbox?.local).toBe(text);
      const written = formatAddress(mailbox as NonNullable<typeof mailbox>);
      expect(parseAddresses(written)).toEqual([mailbox]);
    }),
  );
});

test("what is read at a glance is what reading by tokens gives", () => {
  const piece = fc.constantFrom(
    ...["a", "B", "b.example", "d-e.example", "a@b.example", "<a@b.example>", "Ann <", '"Ann, x" <', "@", "<", ">"],
    ...[",", ", ", '"', '""', "\\", " ", "  ", "(", "[", "]", ".", "=", "?", "é", "_", "1", "x".repeat(240)],
  );
  const read = (text: string): unknown => {
    try {
      return parseAddresses(text);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return "refused";
    }
  };
  fc.assert(
    // Members of a group are always read by tokens.
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      fc.pre(text.trim() !== "");
      expect(read(text)).toEqual(read(`g: ${text};`));
    }),
    { numRuns: 5000 },
  );
});

test("any text at all either throws a TypeError or gives addresses that read the same", () => {
  const piece = fc.constantFrom(
    "a",
    "b.example",
    "@",
    "<",
    ">",
    ",",
    ";",
    ":",
    '"',
    "\\",
    " ",
    "(",
    ")",
    "[",
    "]",
    ".",
    "é",
    "\r",
    "=?",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      let mailboxes;
      try {
        mailboxes = parseAddresses(pieces.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      for (const mailbox of mailboxes)
        expect(parseAddresses(formatAddress(mailbox))).toEqual([{ ...mailbox, name: "" }]);
    }),
    { numRuns: 2000 },
  );
});
