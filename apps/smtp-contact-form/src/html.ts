// HTML that cannot forget to escape: whatever is put into the template is text, unless it is Html itself.

/** A piece of HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. */
export type Fill = Html | string | number | undefined | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template whose fills are escaped, for text and for attributes in quotes. */
export function html(strings: TemplateStringsArray, ...fills: readonly Fill[]): Html {
  let text = strings[0] ?? "";
  for (const [index, fill] of fills.entries()) text += render(fill) + (strings[index + 1] ?? "");
  return new Html(text);
}

function render(fill: Fill): string {
  if (fill === undefined) return "";
  if (fill instanceof Html) return fill.text;
  if (typeof fill === "object") return fill.map((piece) => piece.text).join("");
  return String(fill).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
