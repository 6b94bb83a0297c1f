// The links of Markdown documents that stay in the repository: to files, folders, and headings.

import { dirname, join } from "node:path";

/** The targets of a document's own links, without those of other hosts. Code is no link. */
function localLinks(text: string): string[] {
  const prose = withoutCode(text);
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  const references = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  const html = [...prose.matchAll(/\s(?:href|src)="([^"]+)"/g)];
  return [...inline, ...references, ...html]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z][\w+.-]*:/i.test(target));
}

/** The anchors of a document: those that GitHub makes of its headings, and explicit ones. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of withoutFences(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = heading!
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    let unique = slug;
    for (let count = 1; found.has(unique); count++) unique = `${slug}-${count}`;
    found.add(unique);
  }
  for (const [, id] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) found.add(id!);
  return found;
}

/** The links of the documents that lead nowhere. `paths` is all that the repository has; texts by path. */
export function deadLinks(documents: ReadonlyMap<string, string>, paths: readonly string[]): string[] {
  const known = new Set(
    paths.flatMap((path) => path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"))),
  );
  return [...documents].flatMap(([file, text]) =>
    localLinks(text)
      .filter((link) => {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? file : join(dirname(file), decodeURI(path)).replace(/\/$/, "");
        if (target !== "." && !known.has(target)) return true;
        const document = documents.get(target);
        return anchor !== undefined && document !== undefined && !anchors(document).has(anchor);
      })
      .map((link) => `${file}: ${link}`),
  );
}

function withoutFences(text: string): string {
  return text.replaceAll(/^( *)(`{3,})[\s\S]*?^ *\2/gm, "");
}

function withoutCode(text: string): string {
  return withoutFences(text).replaceAll(/(`+)[\s\S]*?\1/g, "");
}
