// The inputs that are kept, a file of JSON for each target: text where each character is a byte, so that a diff can be read.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, textOf } from "./fuzz.ts";
import type { Target } from "./invariants.ts";

const DIRECTORY = join(import.meta.dirname, "../../corpus");
const MAX_INPUTS = 250;
const MAX_BYTES = 300;

/** The seeds of a target and what was kept for it. */
export function readCorpus(target: Target): Uint8Array[] {
  const file = fileOf(target);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
  return [...target.seeds, ...kept].map(bytesOf);
}

/** Keeps what is short, in a fixed order, without the seeds. Returns how many inputs there are now. */
export function writeCorpus(target: Target, corpus: readonly Uint8Array[]): number {
  const seeds = new Set(target.seeds.map((seed) => textOf(bytesOf(seed))));
  const texts = [...new Set(corpus.filter(({ length }) => length <= MAX_BYTES).map(textOf))]
    .filter((text) => !seeds.has(text))
    .slice(0, MAX_INPUTS)
    .sort();
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(fileOf(target), `[\n${texts.map((text) => `  ${escaped(text)}`).join(",\n")}\n]\n`);
  return texts.length;
}

function fileOf({ name }: Target): string {
  return join(DIRECTORY, `${name}.json`);
}

/** Plain ASCII, so that no editor and no setting changes a byte. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
