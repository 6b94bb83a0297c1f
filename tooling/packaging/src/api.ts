// The public surface of an entry in one text: the declarations that it exports and those that they mention, without
// comments. Made from the published `.d.ts` files, each of which imports the next. There is no compiler API that could do
// it, and these files need none: tsc writes one plain declaration per name.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

/** A name somewhere: declared in a file, or imported from another package. */
interface Place {
  readonly file: string;
  readonly name: string;
}

interface Module {
  /** The texts of each declared name (more than one for overloads), and the names that they mention. */
  readonly declared: Map<string, { texts: string[]; mentions: Set<string> }>;
  readonly imported: Map<string, Place>;
  readonly exported: Map<string, Place & { readonly type: boolean }>;
}

type Node = { readonly type: string; readonly start: number; readonly end: number } & Record<string, unknown>;

const OWN = /^\.{1,2}\//;

/** The rolled-up declarations behind an entry's `.d.ts`. @throws Error at a construct that it does not know. */
export function rollUp(entry: string): string {
  const modules = new Map<string, Module>();
  const load = (file: string): Module => {
    const known = modules.get(file) ?? parse(file, load);
    modules.set(file, known);
    return known;
  };
  // Follows imports and re-exports to where a name is declared.
  const find = ({ file, name }: Place): Place => {
    if (!isFile(file)) return { file, name };
    const module = load(file);
    if (module.declared.has(name)) return { file, name };
    const next = module.imported.get(name) ?? module.exported.get(name);
    if (next === undefined) throw new Error(`${file}: nothing declares ${name}`);
    return find(next);
  };

  const wanted = new Map<string, Place>();
  const want = (place: Place): Place => {
    const found = find(place);
    const key = `${found.file}#${found.name}`;
    const known = wanted.get(key) ?? found;
    wanted.set(key, known);
    return known;
  };
  const exported = [...load(entry).exported].map(([name, { type, ...place }]) => ({ name, type, place: want(place) }));
  // What each declaration mentions, by the name that it has there. The map grows while it is walked.
  const mentioned = new Map<Place, Map<string, Place>>();
  for (const place of wanted.values()) {
    const names = new Map<string, Place>();
    mentioned.set(place, names);
    if (!isFile(place.file)) continue;
    const { declared, imported } = load(place.file);
    for (const name of declared.get(place.name)?.mentions ?? []) {
      if (declared.has(name) || imported.has(name)) names.set(name, want({ file: place.file, name }));
    }
  }

  const publics = new Set(exported.map(({ place }) => place));
  const places = [...publics, ...[...wanted.values()].filter((place) => !publics.has(place)).sort(byName)];
  const names = new Map<Place, string>();
  for (const place of places) {
    const taken = [...names.values()].includes(place.name);
    names.set(place, taken ? `${place.name}$${basename(place.file, ".d.ts").replaceAll(/\W/g, "_")}` : place.name);
  }
  const text = (place: Place): string => {
    const known = new Map([...(mentioned.get(place) ?? []), [place.name, place] as const]);
    const output = (name: string): string => names.get(known.get(name) ?? place) ?? name;
    const texts = load(place.file).declared.get(place.name)?.texts ?? [];
    return texts.join("\n").replaceAll(/\b[A-Za-z_]\w*\b/g, (word) => (known.has(word) ? output(word) : word));
  };
  const lines = exported.map(({ name, type, place }) => {
    const local = names.get(place);
    const shown = /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
    return `    ${type ? "type " : ""}${local === name ? name : `${local} as ${shown}`},\n`;
  });
  const foreign = places
    .filter(({ file }) => !isFile(file))
    .map((place) => {
      const { file, name } = place;
      const local = names.get(place);
      return `import { ${local === name ? name : `${name} as ${local}`} } from "${file}";`;
    });
  return [
    foreign.sort().join("\n"),
    ...places.filter(({ file }) => isFile(file)).map(text),
    `export {\n${lines.join("")}};`,
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function parse(file: string, load: (file: string) => Module): Module {
  const source = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const module: Module = { declared: new Map(), imported: new Map(), exported: new Map() };
  const target = (specifier: string): string =>
    OWN.test(specifier) ? join(dirname(file), specifier.replace(/\.ts$/, ".d.ts")) : specifier;

  const declare = (node: Node): string[] => {
    const names = namesOf(node);
    for (const name of names) {
      const entry = module.declared.get(name) ?? { texts: [], mentions: new Set() };
      entry.texts.push(textOf(node, source, comments));
      mentions(node, entry.mentions);
      module.declared.set(name, entry);
    }
    return names;
  };

  for (const node of program.body as unknown as Node[]) {
    if (node.type === "ImportDeclaration") {
      const from = target((node["source"] as { value: string }).value);
      for (const specifier of node["specifiers"] as Node[]) {
        const local = nameOf(specifier["local"]);
        if (specifier.type !== "ImportSpecifier") throw new Error(`${file}: ${local} is not imported by its name`);
        module.imported.set(local, { file: from, name: nameOf(specifier["imported"]) });
      }
    } else if (node.type === "ExportAllDeclaration") {
      const from = target((node["source"] as { value: string }).value);
      for (const [name, place] of load(from).exported) module.exported.set(name, place);
    } else if (node.type === "ExportDefaultDeclaration" && (node["declaration"] as Node).type === "Identifier") {
      module.exported.set("default", { file, name: nameOf(node["declaration"]), type: false });
    } else if (node.type === "ExportNamedDeclaration") {
      const declaration = node["declaration"] as Node | null;
      for (const name of declaration === null ? [] : declare(declaration)) {
        module.exported.set(name, { file, name, type: false });
      }
      const from = node["source"] as { value: string } | null;
      for (const specifier of node["specifiers"] as Node[]) {
        const type = node["exportKind"] === "type" || specifier["exportKind"] === "type";
        const place = { file: from === null ? file : target(from.value), name: nameOf(specifier["local"]), type };
        module.exported.set(nameOf(specifier["exported"]), place);
      }
    } else {
      declare(node);
    }
  }
  return module;
}

function namesOf(node: Node): string[] {
  if (node.type === "VariableDeclaration") return (node["declarations"] as Node[]).map(({ id }) => nameOf(id));
  if ("id" in node && node.type !== "TSModuleDeclaration") return [nameOf(node["id"])];
  throw new Error(`a ${node.type} in a published declaration`);
}

function nameOf(node: unknown): string {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? value ?? "";
}

/** A declaration's text without comments and `declare`'s `export`. */
function textOf(node: Node, source: string, comments: readonly { start: number; end: number }[]): string {
  let text = "";
  let at = node.start;
  for (const { start, end } of comments) {
    if (start < node.start || end > node.end) continue;
    text += source.slice(at, start);
    at = end;
  }
  text += source.slice(at, node.end);
  return text.replaceAll(/^[ \t]*\n/gm, "").replace(/^(?!declare |interface |type )/, "declare ");
}

/** Collects the names that a declaration refers to: not its keys, nor its parameters' names. */
function mentions(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const each of value) mentions(each, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const node = value as Node;
  if (node.type === "TSImportType") throw new Error("an import() in a published declaration");
  if (node.type === "Identifier" && !node["typeAnnotation"]) found.add(nameOf(node));
  for (const [key, child] of Object.entries(node)) {
    if (key === "key" && node["computed"] !== true) continue;
    // The type of a variable stands at its name.
    if (key === "id") mentions((child as Node | null)?.["typeAnnotation"], found);
    else mentions(child, found);
  }
}

function isFile(place: string): boolean {
  return place.endsWith(".d.ts");
}

function byName(a: Place, b: Place): number {
  return a.name.localeCompare(b.name) || a.file.localeCompare(b.file);
}
