// Arguments of a command: as the parameters of its method, in the documented order, and as the syntax that its
// documentation shows.

import type { Argument } from "./metadata.ts";

/** More combinations of options than this, and they are typed as a list of any of them. */
const MOST_COMBINATIONS = 128;

const UNBOUNDED = /^(?:Any|Some)<(.*)>$/;

/** One place in a tuple: `label: type`, or a spread. */
interface Place {
  readonly label: string;
  readonly type: string;
  readonly spread?: boolean;
}

interface Part {
  readonly places: readonly Place[];
  /** How many tuples it stands for. */
  readonly ways: number;
  /** The types of what it may hold. */
  readonly types: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  key: "Key",
  string: "Value",
  pattern: "Key",
  integer: "Numeric",
  double: "Numeric",
  "unix-time": "Numeric",
};

/** The parameters of a method, as they stand between its parentheses. `first` is said before them. */
export function parametersOf(args: readonly Argument[], first: readonly string[]): string {
  const parts = args.map(partOf);
  const fixed = first.map((word): Place => ({ label: "subcommand", type: quoted(word) }));
  while (parts[0] !== undefined && parts[0].places.every(({ spread }) => spread !== true)) {
    fixed.push(...(parts.shift() as Part).places);
  }
  const labels = new Map<string, number>();
  const unique = ({ label }: Place): string => {
    const count = (labels.get(label) ?? 0) + 1;
    labels.set(label, count);
    return count === 1 ? label : `${label}${count}`;
  };
  const named = fixed.map((place) => `${unique(place)}: ${place.type}`);
  if (parts.length === 0) return named.join(", ");
  const [only] = parts;
  if (parts.length === 1 && only?.places.length === 1) {
    return [...named, `...${unique(only.places[0] as Place)}: ${only.places[0]?.type}`].join(", ");
  }
  return [...named, `...args: [${placesOf(parts).map(shown).join(", ")}]`].join(", ");
}

/** The places of all parts; options that combine in too many ways become a list of any of them. */
function placesOf(parts: readonly Part[]): Place[] {
  const ways = parts.reduce((product, part) => product * part.ways, 1);
  if (ways <= MOST_COMBINATIONS) return onceUnbounded(parts.flatMap(({ places }) => places));
  const loose = parts.filter((part) => part.ways > 1);
  const [first, last] = [parts.indexOf(loose[0] as Part), parts.lastIndexOf(loose.at(-1) as Part)];
  const types = unionOf(parts.slice(first, last + 1).flatMap((part) => part.types));
  return [
    ...parts.slice(0, first).flatMap(({ places }) => places),
    { label: "options", type: `Any<${types}>`, spread: true },
    ...parts.slice(last + 1).flatMap(({ places }) => places),
  ];
}

/** A tuple holds one list of any length: two, and what is between them, become one. */
function onceUnbounded(places: readonly Place[]): Place[] {
  const open = places.filter(({ type }) => UNBOUNDED.test(type));
  if (open.length < 2) return [...places];
  const [first, last] = [places.indexOf(open[0] as Place), places.lastIndexOf(open.at(-1) as Place)];
  const types = places.slice(first, last + 1).map(({ type }) => UNBOUNDED.exec(type)?.[1] ?? type);
  const kind = open.some(({ type }) => type.startsWith("Some")) ? "Some" : "Any";
  const merged = { label: "more", type: `${kind}<${unionOf(types)}>`, spread: true };
  return [...places.slice(0, first), merged, ...places.slice(last + 1)];
}

function partOf(argument: Argument): Part {
  const one = required(argument);
  const repeated = argument.multiple === true ? repeatedPart(argument, one) : one;
  if (argument.optional !== true) return repeated;
  const [place] = repeated.places;
  if (argument.multiple === true && repeated.ways === 1) {
    const types = unionOf(repeated.types);
    const open = argument.token === undefined || argument.multiple_token === true;
    if (open && one.places.length === 1) {
      return {
        places: [{ label: one.places[0]?.label as string, type: `Any<${types}>`, spread: true }],
        ways: 1,
        types: repeated.types,
      };
    }
  }
  const alone = repeated.places.length === 1 && place?.spread === true && place.type.startsWith("OneOf<");
  const type = alone ? place.type.replace("OneOf<", "OneOf<[] | ") : `Opt<[${repeated.places.map(shown).join(", ")}]>`;
  return { places: [{ label: labelOf(argument), type, spread: true }], ways: repeated.ways + 1, types: repeated.types };
}

function repeatedPart(argument: Argument, one: Part): Part {
  const types = unionOf(one.types);
  const again = argument.multiple_token === true || argument.token === undefined ? one.types : one.types.slice(1);
  if (one.places.length === 1 && one.places[0]?.spread !== true) {
    const label = one.places[0]?.label as string;
    return { places: [{ label, type: `Some<${types}>`, spread: true }], ways: 1, types: one.types };
  }
  return {
    places: [...one.places, { label: "more", type: `Any<${unionOf(again)}>`, spread: true }],
    ways: one.ways,
    types: one.types,
  };
}

/** The argument as if it were neither optional nor repeated. */
function required(argument: Argument): Part {
  const { type, name } = argument;
  // How the metadata spells the empty string.
  const token = argument.token === '""' ? "" : argument.token;
  const label = camel(name);
  if (type === "pure-token") return plain([{ label, type: quoted(token ?? name.toUpperCase()) }]);
  const before: Place[] = token === undefined ? [] : [{ label: `${label}Token`, type: quoted(token) }];
  if (type === "block") {
    const parts = (argument.arguments ?? []).map(partOf);
    const ways = parts.reduce((product, part) => product * part.ways, 1);
    return {
      places: [...before, ...placesOf(parts)],
      ways,
      types: [...before.map((place) => place.type), ...parts.flatMap((part) => part.types)],
    };
  }
  if (type === "oneof") return choice(argument, before);
  const known = TYPES[type];
  if (known === undefined) throw new Error(`the metadata has an argument of the unknown type ${type}`);
  return plain([...before, { label, type: known }]);
}

function choice(argument: Argument, before: readonly Place[]): Part {
  // One of them is there, whatever the metadata says of each.
  const options = (argument.arguments ?? []).map((option) => partOf({ ...option, optional: false }));
  const label = camel(argument.name);
  const types = options.flatMap((option) => option.types);
  if (options.every(({ places }) => places.length === 1 && places[0]?.spread !== true)) {
    return plain([...before, { label, type: unionOf(types) }]);
  }
  const tuples = new Map<string, string[]>();
  for (const { places } of options) {
    // Those that differ in their token only are told as one.
    const [head, ...rest] = places;
    const key = rest.map((place) => (place.spread === true ? `...${place.type}` : place.type)).join(", ");
    const heads = tuples.get(key) ?? [];
    heads.push(head?.spread === true ? `...${head.type}` : (head?.type as string));
    tuples.set(key, heads);
  }
  const told = [...tuples].flatMap(([rest, heads]) =>
    heads.some((head) => head.startsWith("..."))
      ? heads.map((head) => `[${[head, rest].filter((part) => part !== "").join(", ")}]`)
      : [`[${[unionOf(heads), rest].filter((part) => part !== "").join(", ")}]`],
  );
  const type = `OneOf<${told.join(" | ")}>`;
  const ways = told.length - 1 + options.reduce((most, option) => Math.max(most, option.ways), 1);
  return {
    places: [...before, { label, type, spread: true }],
    ways,
    types: [...before.map((place) => place.type), ...types],
  };
}

function plain(places: readonly Place[]): Part {
  return { places, ways: 1, types: places.map(({ type }) => type) };
}

function shown({ label, type, spread }: Place): string {
  return spread === true ? `...${type}` : `${label}: ${type}`;
}

/** Without repetitions, and without what a wider type of it says already. */
function unionOf(types: readonly string[]): string {
  const all = new Set(types.flatMap((type) => type.split(" | ")));
  if (all.has("Value")) for (const narrower of ["Key", "Numeric"]) all.delete(narrower);
  const open = ["Value", "Key", "Numeric"].some((wide) => all.has(wide));
  return [...all].filter((type) => !(open && type.startsWith('"'))).join(" | ");
}

function quoted(word: string): string {
  return JSON.stringify(word);
}

function labelOf(argument: Argument): string {
  return camel(argument.name);
}

function camel(name: string): string {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+(.)?/g, (_all, next: string | undefined) => next?.toUpperCase() ?? "");
  return RESERVED.has(word) ? `${word}Name` : word;
}

const RESERVED: ReadonlySet<string> = new Set(["function", "with", "default", "delete", "in", "new", "null", "args"]);

/** `SET key value [NX | XX] [GET]`, without the command's name. */
export function syntaxOf(args: readonly Argument[]): string {
  return args.map(syntax).join(" ");
}

function syntax(argument: Argument): string {
  const inner = argument.arguments ?? [];
  const token = argument.token === "" ? '""' : argument.token;
  let body = argument.name;
  if (argument.type === "pure-token") body = token ?? "";
  if (argument.type === "oneof") body = inner.map((one) => syntax({ ...one, optional: false })).join(" | ");
  if (argument.type === "block") body = syntaxOf(inner);
  const tokened = argument.type !== "pure-token" && token !== undefined;
  if (argument.type === "oneof" && (tokened || argument.optional !== true)) body = `<${body}>`;
  const again = tokened && argument.multiple_token === true ? `${token} ${body}` : body;
  const whole = tokened ? `${token} ${body}` : body;
  const repeated = argument.multiple === true ? `${whole} [${again} ...]` : whole;
  return argument.optional === true ? `[${repeated}]` : repeated;
}
