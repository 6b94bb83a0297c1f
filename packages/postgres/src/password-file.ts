// The password file (PostgreSQL documentation, "The Password File"): PGPASSFILE, or .pgpass at home. Reached without an import,
// which a runtime that has no files could not resolve.

/** Bits of a file's mode: what others than its owner may do. */
const GROUP_AND_OTHERS = 0o077;

/** What of Node's file system is used. */
interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  statSync(path: string): { readonly mode: number };
}

/** Variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What of Node's process is used. */
export interface Process {
  readonly env: Environment;
  readonly platform: string;
  getBuiltinModule?(name: string): unknown;
}

/** Where a password is for. */
export type Place = readonly [host: string, port: string, database: string, user: string];

/** @throws TypeError when others may read the file. */
export function passwordFromFile(env: Environment, process: Process | undefined, place: Place): string | undefined {
  const home = env["HOME"];
  const windows = process?.platform === "win32";
  const path = env["PGPASSFILE"] ?? (windows ? `${env["APPDATA"]}\\postgresql\\pgpass.conf` : `${home}/.pgpass`);
  const text = readText(path, process);
  if (text === undefined) return undefined;
  if (!windows && ((filesOf(process)?.statSync(path).mode ?? 0) & GROUP_AND_OTHERS) !== 0)
    throw new TypeError("the password file may be read by others: take that away from them (chmod 600)");
  return passwordIn(text, place);
}

/** The first line that fits: `host:port:database:user:password`, where a star fits everything. */
function passwordIn(text: string, place: readonly string[]): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const fields = line.startsWith("#")
      ? []
      : Array.from(line.matchAll(/((?:[^:\\]|\\.)*)(?::|$)/gu), ([, field = ""]) => field);
    const password = line.replace(/^(?:(?:[^:\\]|\\.)*:){4}/u, "");
    const fits = place.every((part, index) => fields[index] === "*" || unescaped(fields[index] ?? "") === part);
    if (fields.length > place.length && fits) return unescaped(password);
  }
  return undefined;
}

function unescaped(field: string): string {
  return field.replaceAll(/\\([:\\])/gu, "$1");
}

function filesOf(process: Process | undefined): Files | undefined {
  return process?.getBuiltinModule?.("node:fs") as Files | undefined;
}

/** A file's text; `undefined` where it cannot be read. */
export function readText(path: string, process: Process | undefined): string | undefined {
  try {
    return filesOf(process)?.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
