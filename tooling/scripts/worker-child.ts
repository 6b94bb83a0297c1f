// The process of worker.ts: wrangler's own dev server, without what is for people at a terminal. It ends with its
// parent, however that ends: the channel to it then closes.

import { rmSync } from "node:fs";
import { unstable_DevEnv as DevEnv } from "wrangler";

/** What the parent asks for. */
interface WorkerRequest {
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly watch: boolean;
}

/** What the parent is told. */
export type WorkerMessage =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "log"; readonly level: string; readonly text: string };

interface BuildError {
  readonly text?: string;
  readonly location?: { readonly file: string; readonly line: number } | null;
}

// The parent removes it as well, should this process be killed.
const home = process.env["XDG_CONFIG_HOME"];
process.on("exit", () => {
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
});

const server = new DevEnv();
let running: Awaited<ReturnType<DevEnv["startWorker"]>> | undefined;

process.once("message", (request: WorkerRequest) => void start(request));
process.once("disconnect", () => void stop());

async function start({ config, secrets, watch }: WorkerRequest): Promise<void> {
  const built = Promise.withResolvers<void>();
  server.once("reloadComplete", () => built.resolve());
  // Of every build: with `watch`, the first may be followed by one that fails.
  for (const event of ["buildFailed", "error"]) {
    server.on(event, ({ cause }: { cause: unknown }) => {
      built.reject(cause);
      tell({ type: "log", level: "error", text: reasonOf(cause) });
    });
  }
  try {
    running = await server.startWorker({
      config,
      bindings: Object.fromEntries(
        Object.entries(secrets).map(([name, value]) => [name, { type: "secret_text" as const, value }]),
      ),
      dev: {
        server: { hostname: "127.0.0.1", port: 0 },
        inspector: false,
        persist: false,
        watch,
        logLevel: "none",
        structuredLogsHandler: ({ level, message }: { level: string; message: string }) =>
          tell({ type: "log", level, text: message }),
      },
    });
    await built.promise;
    tell({ type: "ready", url: (await running.url).origin });
  } catch (error) {
    tell({ type: "failed", reason: reasonOf(error) });
  }
}

async function stop(): Promise<void> {
  try {
    await (running?.dispose() ?? server.teardown());
  } finally {
    process.exit();
  }
}

// esbuild's errors say in `errors` where they are.
function reasonOf(error: unknown): string {
  const { message = String(error), errors = [] } = error as { message?: string; errors?: readonly BuildError[] };
  const places = errors.map(({ text, location }) => `${location?.file ?? ""}:${location?.line ?? ""} ${text ?? ""}`);
  return [message, ...places].join("\n");
}

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
