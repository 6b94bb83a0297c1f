// Valkey's command metadata (src/commands/*.json of its repository, BSD-3-Clause), as its files have it. Reads a folder.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An argument; tokens, optionality and repetition as in the metadata. */
export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly token?: string;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  readonly multiple_token?: boolean;
  readonly arguments?: readonly Argument[];
}

/** The part of JSON Schema that the metadata uses. */
export interface Schema {
  readonly type?: string;
  readonly const?: string | number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  readonly additionalItems?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

/** A command, or a subcommand: then `words` has two. */
export interface Metadata {
  /** In upper case. */
  readonly words: readonly string[];
  readonly since: string;
  readonly complexity?: string;
  readonly flags: readonly string[];
  readonly arguments: readonly Argument[];
  readonly reply: Schema | undefined;
  /** It has subcommands, and is sent only with one of them. */
  readonly container: boolean;
}

interface Entry {
  readonly since: string;
  readonly complexity?: string;
  readonly container?: string;
  readonly function?: string;
  readonly command_flags?: readonly string[];
  readonly arguments?: readonly Argument[];
  readonly reply_schema?: Schema;
}

/** All commands of the folder, in the order of their names. */
export function readMetadata(folder: string): Metadata[] {
  const found: Metadata[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const entries = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, Entry>;
    for (const [name, entry] of Object.entries(entries)) {
      found.push({
        words: entry.container === undefined ? [name] : [entry.container, name],
        since: entry.since,
        ...(entry.complexity === undefined ? {} : { complexity: entry.complexity }),
        flags: entry.command_flags ?? [],
        arguments: entry.arguments ?? [],
        reply: entry.reply_schema,
        container: entry.function === undefined,
      });
    }
  }
  return found.sort((a, b) => (a.words.join(" ") < b.words.join(" ") ? -1 : 1));
}
