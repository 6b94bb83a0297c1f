// The two vitest projects that every package has: Node, and workerd. The same behaviour file runs on both; only this
// set-up differs. Files: `*.test.ts` run on both, `*.node.test.ts` and `*.workerd.test.ts` on one.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type {} from "@landline/services/provided";
import type { TestProjectInlineConfiguration } from "vitest/config";

const COMPATIBILITY_DATE = "2026-11-01";
const ALL = ["src/**/*.test.ts", "test/**/*.test.ts"];

/** What a package's tests need beyond the defaults. */
export interface PackageTests {
  /** The package's folder: `import.meta.dirname` of its vitest.config.ts. */
  readonly directory: string;
  /** The package's short name, for the project names `<name>:node` and `<name>:workerd`. */
  readonly name: string;
  /** `false` leaves out the workerd project. */
  readonly workerd?: boolean;
  /** Modules that prepare what these tests need and the servers do not have, after the servers have started. */
  readonly globalSetup?: readonly string[];
  /** Further options of the workerd project's miniflare, such as bindings. */
  readonly miniflare?: Readonly<Record<string, unknown>>;
  /** The Worker under test: its entry and its Durable Objects, by binding. */
  readonly worker?: {
    readonly main: string;
    readonly durableObjects?: Record<string, string | { readonly className: string; readonly useSQLite: boolean }>;
  };
}

/** The vitest projects of a package. */
export function packageTests(options: PackageTests): TestProjectInlineConfiguration[] {
  const { directory, name, workerd = true, globalSetup = [], worker, miniflare = {} } = options;
  const common = {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    globalSetup: ["@landline/services/vitest", ...globalSetup],
  };
  const node: TestProjectInlineConfiguration = {
    root: directory,
    // Forks, because Node reads NODE_EXTRA_CA_CERTS when a process starts: a thread would not trust the services' CA.
    test: {
      ...common,
      name: `${name}:node`,
      include: ALL,
      exclude: ["**/*.workerd.test.ts"],
      environment: "node",
      pool: "forks",
    },
  };
  if (!workerd) return [node];
  return [
    node,
    {
      root: directory,
      plugins: [
        cloudflareTest({
          ...(worker === undefined ? {} : { main: worker.main }),
          miniflare: {
            ...miniflare,
            compatibilityDate: COMPATIBILITY_DATE,
            ...(worker?.durableObjects === undefined ? {} : { durableObjects: worker.durableObjects }),
          },
        }),
      ],
      test: { ...common, name: `${name}:workerd`, include: ALL, exclude: ["**/*.node.test.ts"] },
    },
  ];
}
