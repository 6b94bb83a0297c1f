// A Worker with a pool at module scope, and one with a Durable Object that keeps its connections: what users write.

import { DurableObject } from "cloudflare:workers";
import { connect, dial } from "../src/index.ts";
import type { Transport } from "../src/index.ts";
import { Pool } from "../src/pool/index.ts";

let port = 0;
let made = 0;

const pool = new Pool<Transport>(
  {
    create(signal) {
      made++;
      return dial({ hostname: "localhost", port }, { signal });
    },
    destroy: (transport) => void transport.close(),
  },
  { max: 2 },
);

async function ping(text: string): Promise<string> {
  return pool.use(async (transport) => {
    transport.writer.utf8(text);
    let answer = "";
    while (answer.length < text.length) answer += new TextDecoder().decode(await transport.pull());
    return answer;
  });
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  port = Number(url.searchParams.get("port"));
  const times = Number(url.searchParams.get("times") ?? "1");
  if (url.searchParams.has("dials")) return dials(Number(url.searchParams.get("dials")));
  const turns = Number(url.searchParams.get("turns") ?? "0");
  try {
    for (let turn = 0; turn < turns; turn++) await ping(`turn ${turn}`);
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) => ping(`${url.searchParams.get("say")}${index}`)),
    );
    return Response.json({ answers, made });
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 });
  }
}

/** Dials so many at once, and tells how many were in the making at any time, and how many came about. */
async function dials(count: number): Promise<Response> {
  let now = 0;
  let most = 0;
  const dialled = await Promise.allSettled(
    Array.from({ length: count }, () =>
      dial(
        { hostname: "localhost", port },
        {
          connectTimeout: 2_000,
          connect(address, options) {
            most = Math.max(most, ++now);
            const socket = connect(address, options);
            void socket.opened.then(() => now--);
            return socket;
          },
        },
      ),
    ),
  );
  const transports = dialled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await Promise.all(transports.map((transport) => transport.close()));
  return Response.json({ most, came: transports.length });
}

export class Keeper extends DurableObject {
  override fetch(request: Request): Promise<Response> {
    return answer(request);
  }
}

interface Env {
  readonly KEEPER: {
    getByName(name: string): { fetch(url: string): Promise<Response> };
  };
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    const object = new URL(request.url).searchParams.get("object");
    return object === null ? answer(request) : env.KEEPER.getByName(object).fetch(request.url);
  },
};
