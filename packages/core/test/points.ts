// A point of the specification: what the runtime does is observed, in a few words, and must be what the specification
// says or the difference that is known of this runtime. docs/runtimes.md is made of what is observed.

import { expect, inject, test } from "vitest";

/** What happens by the specification, and where it is known to be otherwise. Keys are columns of docs/runtimes.md. */
export interface Expected {
  readonly spec: string;
  readonly workerd?: string;
  /** workerd as vitest runs it, where that differs from workerd as it is; no column. */
  readonly "workerd in vitest"?: string;
  readonly "workerd-2026-08"?: string;
  readonly node?: string;
  readonly deno?: string;
  readonly bun?: string;
}

/** What all but workerd do, which share one implementation. */
export const ours = (what: string): Pick<Expected, "node" | "deno" | "bun"> => ({ node: what, deno: what, bun: what });

/** What workerd does, in both releases. */
export const theirs = (what: string): Pick<Expected, "workerd" | "workerd-2026-08"> => ({
  workerd: what,
  "workerd-2026-08": what,
});

/** Registers the test of a point. */
export function point(title: string, expected: Expected, observe: () => string | Promise<string>): void {
  test(`${title}`, async ({ task }) => {
    const here = expectedOn(expected, inject("runtime"));
    patience = here.startsWith("stays") ? BRIEF_MS : LONG_MS;
    const observed = await observe();
    Object.assign(task.meta, { observed, spec: expected.spec });
    expect(observed).toBe(here);
  });
}

function expectedOn(expected: Expected, runtime: string): string {
  const here =
    runtime === "workerd in vitest" ? (expected[runtime] ?? expected.workerd) : expected[runtime as keyof Expected];
  return here ?? expected.spec;
}

/** How long a promise may take before it counts as one that never settles: briefly only where just that is expected. */
const BRIEF_MS = 300;
const LONG_MS = 8_000;
let patience = LONG_MS;

/** What becomes of a promise: `told(value)`, `rejects with …`, or `stays pending`. */
export async function outcome<T>(promise: Promise<T>, told: (value: T) => string = () => "resolves"): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pending = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("stays pending"), patience);
  });
  const settled = promise.then(told, (error: unknown) => `rejects: ${kind(error)}`);
  const result = await Promise.race([settled, pending]);
  clearTimeout(timer);
  return result;
}

/** What a call does at once. */
export function attempt(call: () => unknown): string {
  try {
    call();
    return "returns";
  } catch (error) {
    return `throws: ${kind(error)}`;
  }
}

/** An error by its class, and the code where it has one. */
export function kind(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${error.name} ${code}` : error.name;
}
