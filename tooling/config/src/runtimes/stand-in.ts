// What test files find under the name of vitest where vitest does not run: `test`, `test.each`, `expect` (vitest's own),
// `inject`, and a runner. The bundle of a suite puts it in vitest's place.

import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

/** How one test ended; or, without a name, what was left unhandled. */
export interface TestResult {
  readonly file: string;
  readonly name: string;
  readonly error?: string;
  readonly meta?: Record<string, unknown>;
}

interface Context {
  readonly task: { readonly meta: Record<string, unknown> };
}

type Body = (context: Context) => unknown;

const TEST_TIMEOUT = 10_000;

const tests: { file: string; name: string; body: Body }[] = [];
let current = "";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** vitest's. */
export const expect: typeof chai.expect = chai.expect;

/** Registers a test. */
export function test(name: string, body: Body): void {
  if (tests.some((other) => other.file === current && other.name === name))
    throw new Error(`${current}: two tests have the name "${name}"`);
  tests.push({ file: current, name, body });
}

test.each =
  (cases: readonly unknown[]) =>
  (name: string, body: (...values: unknown[]) => unknown): void => {
    for (const value of cases) {
      const values = Array.isArray(value) ? (value as unknown[]) : [value];
      test(titled(name, values), () => body(...values));
    }
  };

/** The title of a case: `%s` and `%j` stand for its values in order. */
function titled(name: string, values: readonly unknown[]): string {
  let at = 0;
  return name.replaceAll(/%[sj]/g, (form) => (form === "%j" ? JSON.stringify(values[at++]) : String(values[at++])));
}

/** What the project provides. */
export function inject(key: string): unknown {
  return (globalThis as unknown as { landlineProvided: Record<string, unknown> }).landlineProvided[key];
}

/** Names the file whose tests are registered next. */
export function beginFile(file: string): void {
  current = file;
}

/** The tests, in order. */
export function listed(): { file: string; name: string }[] {
  return tests.map(({ file, name }) => ({ file, name }));
}

/** Runs everything, one after the other, and tells each result. What is left unhandled counts for the test that ran then. */
export async function run(tell: (result: TestResult) => unknown): Promise<void> {
  const unhandled: unknown[] = [];
  watchUnhandled((reason) => unhandled.push(reason));
  for (const { file, name, body } of tests) {
    const meta: Record<string, unknown> = {};
    let error = await attempt(() => body({ task: { meta } }));
    // A rejection is reported in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (unhandled.length > 0) error ??= `left unhandled: ${unhandled.map(describe).join("; ")}`;
    unhandled.length = 0;
    await tell({ file, name, meta, ...(error === undefined ? {} : { error }) });
  }
}

async function attempt(body: () => unknown): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${TEST_TIMEOUT} ms`)), TEST_TIMEOUT);
  });
  try {
    await Promise.race([body(), late]);
    return undefined;
  } catch (error) {
    return describe(error);
  } finally {
    clearTimeout(timer);
  }
}

function watchUnhandled(found: (reason: unknown) => void): void {
  const { process } = globalThis as { process?: { on?(name: string, listener: (reason: unknown) => void): void } };
  if (process?.on !== undefined) {
    process.on("unhandledRejection", found);
    process.on("uncaughtException", found);
    return;
  }
  (globalThis as unknown as EventTarget).addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    found((event as Event & { reason: unknown }).reason);
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error);
}
