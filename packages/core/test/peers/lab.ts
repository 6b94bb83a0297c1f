// Peers of a test's own, and what they saw: asked for and read over HTTP, which every runtime speaks.
//   GET /open?kind=flood               {"id": 1, "port": 4711}
//   GET /seen?id=1&until=closed        {"accepted": 1, "open": 0, "received": 7, "sent": 0, "ended": 1, "reset": 0}
// `until` waits: for `accepted` until there has been a connection, for `closed` until nothing is open any more, for `stalled` until no byte could be sent for a while.

import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { KINDS } from "./kinds.ts";
import type { Serve } from "./kinds.ts";

/** What a peer saw of all its connections. */
export interface Seen {
  accepted: number;
  open: number;
  /** Bytes read. */
  received: number;
  /** Bytes that the kernel took, where the kind counts them. */
  sent: number;
  /** Ends (FIN) and resets of the other side. */
  ended: number;
  reset: number;
}

const STALLED_MS = 250;

export type Listen = (server: Server) => Promise<number>;

/** Starts the lab; `listen` is that of the other peers. */
export function startLab(listen: Listen): Promise<number> {
  const subjects = new Map<number, { readonly seen: Seen; readonly changed: Set<() => void>; sockets: Socket[] }>();

  async function open(kind: string): Promise<{ id: number; port: number }> {
    const serve = (KINDS as Record<string, Serve>)[kind];
    if (serve === undefined) throw new Error(`there is no peer of the kind ${kind}`);
    const id = subjects.size + 1;
    const seen: Seen = { accepted: 0, open: 0, received: 0, sent: 0, ended: 0, reset: 0 };
    const changed = new Set<() => void>();
    const sockets: Socket[] = [];
    subjects.set(id, { seen, changed, sockets });
    const note = (): void => changed.forEach((notify) => notify());
    const port = await listen(
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        sockets.push(socket);
        watch(socket, serve, seen, note);
      }),
    );
    return { id, port };
  }

  async function seen(id: number, until: string | null): Promise<Seen> {
    const subject = subjects.get(id);
    if (subject === undefined) throw new Error(`there is no peer ${id}`);
    const wait = until === null ? undefined : WAITS[until];
    if (until !== null && wait === undefined) throw new Error(`nothing is known of until=${until}`);
    // Who does not read does not see an end.
    if (until === "closed") for (const socket of subject.sockets) socket.resume();
    await wait?.(subject.seen, subject.changed);
    return subject.seen;
  }

  const server = createHttpServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://lab");
    const query = url.searchParams;
    const answer =
      url.pathname === "/open" ? open(query.get("kind") ?? "") : seen(Number(query.get("id")), query.get("until"));
    answer.then(
      (value) => response.writeHead(200, { connection: "close" }).end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(400, { connection: "close" }).end(String(error)),
    );
  });
  return listen(server);
}

function watch(socket: Socket, serve: Serve, seen: Seen, note: () => void): void {
  seen.accepted++;
  seen.open++;
  socket.on("error", (error: Error & { code?: string }) => {
    if (error.code === "ECONNRESET" || error.code === "EPIPE") seen.reset++;
  });
  socket.on("end", () => seen.ended++);
  socket.on("close", () => {
    seen.open--;
    seen.received += socket.bytesRead;
    note();
  });
  // Whatever the kind does, the connection comes to its close.
  socket.on("end", () => socket.end());
  serve(socket, {
    get sent() {
      return seen.sent;
    },
    set sent(value) {
      seen.sent = value;
      note();
    },
  });
  note();
}

type Wait = (seen: Seen, changed: Set<() => void>) => Promise<void>;

const when =
  (reached: (seen: Seen) => boolean): Wait =>
  (seen, changed) =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!reached(seen)) return;
        changed.delete(check);
        resolve();
      };
      changed.add(check);
      check();
    });

const WAITS: Record<string, Wait> = {
  accepted: when((seen) => seen.accepted > 0),
  closed: when((seen) => seen.accepted > 0 && seen.open === 0),
  stalled: (_seen, changed) =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const again = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          changed.delete(again);
          resolve();
        }, STALLED_MS);
      };
      changed.add(again);
      again();
    }),
};
