// docs/postgres/types.md out of the values that the tests of types go by. `vitest --update` writes it.

import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { OWN_VALUES, VALUES } from "./support/values.ts";

const HEAD = `# Types, value by value

What a query returns for which value. Each line is a test that runs against a real server, in workerd and on Node, for a new
statement, whose results are text, and for a known one, some of whose results are binary, in three time zones; those of the second
table are sent back again, too. This file is made of those tests: \`packages/postgres/test/support/values.ts\`.
`;

test("the document shows what the tests show", async () => {
  const own = OWN_VALUES.map(([type, literal, value]): [string, unknown] => [`'${literal}'::${type}`, value]);
  const document = [
    HEAD,
    "## As it is",
    table(VALUES),
    "",
    "## With `@landline/postgres/types` and `/geometric`",
    table(own),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot(join(import.meta.dirname, "../../../docs/postgres/types.md"));
});

function table(values: readonly (readonly [string, unknown])[]): string {
  const rows = values.map(([expression, value]) => `| ${code(expression)} | ${code(shown(value))} |`);
  return ["", "| SQL | JavaScript |", "| --- | --- |", ...rows].join("\n");
}

function shown(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: Infinity, compact: true, maxStringLength: 60 });
}

function code(text: string): string {
  return `\`\` ${text.replaceAll("|", "\\|").replaceAll("\ufeff", "\\ufeff")} \`\``;
}
