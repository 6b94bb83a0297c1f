// The Worker around one contestant. A socket belongs to the request that opened it, so that a whole trial is one request:
// a WebSocket over which the harness says the same as to a child process. A plain request is one cold operation.

import type { Contestant, Target, Trial } from "./contestant.ts";

interface ServerSocket {
  accept(): void;
  send(text: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: string }) => void): void;
}
declare const WebSocketPair: new () => { readonly 0: unknown; readonly 1: ServerSocket };

/** The module's default export. */
export function serve(contestant: Contestant): { fetch(request: Request, env: { TARGET: Target }): Promise<Response> } {
  return {
    async fetch(request, { TARGET }) {
      const scenario = new URL(request.url).searchParams.get("scenario") ?? "";
      if (request.headers.get("upgrade") === "websocket") return converse(contestant, scenario, TARGET);
      const trial = await contestant(scenario, TARGET);
      await trial.run(0);
      await trial.close();
      return new Response("done");
    },
  };
}

function converse(contestant: Contestant, scenario: string, target: Target): Response {
  const { 0: theirs, 1: ours } = new WebSocketPair();
  let trial: Trial | undefined;
  const obey = async (order: string): Promise<unknown> => {
    if (order === "open") trial = await contestant(scenario, target);
    else if (order === "close") await trial?.close();
    else return trial?.run(Number(order));
    return {};
  };
  ours.addEventListener("message", ({ data }) => {
    obey(data).then(
      (answer) => ours.send(JSON.stringify(answer)),
      (error: Error) => ours.send(JSON.stringify({ error: String(error.stack ?? error) })),
    );
  });
  ours.accept();
  return new Response(null, { status: 101, webSocket: theirs } as ResponseInit);
}
