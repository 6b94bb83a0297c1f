// The process of worker.ts: wrangler's own dev server, without what is for people at a terminal. It ends with its
// parent, however that ends: the channel to it then closes.

import { unstable_startWorker } from "wrangler";

/** What the parent asks for. */
export interface WorkerRequest {
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly watch: boolean;
}

/** What the parent is told. */
export type WorkerMessage =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "log"; readonly level: string; readonly text: string };

type Worker = Awaited<ReturnType<typeof unstable_startWorker>>;

let worker: Worker | undefined;

process.once("message", (request: WorkerRequest) => void start(request));
process.once("disconnect", () => void stop());

async function start({ config, secrets, watch }: WorkerRequest): Promise<void> {
  try {
    worker = await unstable_startWorker({
      config,
      bindings: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, { type: "secret_text", value }])),
      dev: {
        server: { hostname: "127.0.0.1", port: 0 },
        inspector: false,
        persist: false,
        watch,
        logLevel: "error",
        structuredLogsHandler: ({ level, message }) => tell({ type: "log", level, text: message }),
      },
    });
    await worker.ready;
    tell({ type: "ready", url: (await worker.url).origin });
  } catch (error) {
    tell({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
}

async function stop(): Promise<void> {
  try {
    await worker?.dispose();
  } finally {
    process.exit();
  }
}

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
