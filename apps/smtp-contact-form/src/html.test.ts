import { expect, test } from "vitest";
import { Html, html } from "./html.ts";

test("what is put in is escaped, for text and for attributes", () => {
  const evil = `<a href="x" title='y'>&</a>`;
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;">&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;</p>',
  );
});

test("pieces of HTML stay as they are, also in a list; nothing is put in for undefined", () => {
  const items = ["a", "<"].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${undefined}${new Html("<hr>")}${0}`.text).toBe("<ul><li>a</li><li>&lt;</li></ul><hr>0");
});

test("a fill that looks like a template's place is not filled again", () => {
  expect(html`${"${1}"}-${"$&"}`.text).toBe("${1}-$&amp;");
});
