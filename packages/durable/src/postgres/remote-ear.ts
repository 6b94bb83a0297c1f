// A Worker's share in the connection of the object that listens: notifications come as lines of JSON, in a stream that ends
// when there will be no more.

import { ClosedError, type LandlineError } from "@landline/core";
import type { Ear, Hearing } from "@landline/postgres/wire";
import { reviveError, type ErrorData } from "../error-data.ts";
import { Inlet } from "../inlet.ts";
import type { Channel } from "../channel.ts";
import { postgresErrors } from "./errors.ts";
import type { EarReply, RemoteEar, RemoteSession } from "./rpc.ts";

const COMMAND_TIMEOUT = 15_000;
const NEW_LINE = 0x0a;

/** An ear over RPC. `channel` bounds its calls. */
export function hearBy({ ear, readable }: EarReply, channel: Channel<RemoteSession>, hearing: Hearing): Ear {
  const remote = ear as RemoteEar;
  let alive = true;
  const lines = new Lines((line) => {
    const [name, payload, processId] = JSON.parse(line) as [string, string, number];
    hearing.notification(name, payload, processId);
  });
  const inlet = new Inlet(readable as ReadableStream<Uint8Array>, {
    data: (chunk) => lines.push(chunk),
    over: (failure) => {
      if (!alive) return;
      alive = false;
      remote[Symbol.dispose]?.();
      hearing.end(
        new ClosedError("the pool object listens for this no more", {
          code: "CONNECTION_LOST",
          outcome: "unknown",
          cause: failure?.error,
        }),
      );
    },
  });
  const listen = async (channels: readonly string[]): Promise<void> => {
    throwIf(await channel.bounded(COMMAND_TIMEOUT, remote.listen(channels)));
  };
  return {
    get alive() {
      return alive;
    },
    listen,
    unlisten: (name) => channel.bounded(COMMAND_TIMEOUT, remote.unlisten(name)),
    probe: async () => {
      try {
        await listen([]);
      } catch (error) {
        inlet.cancel(error);
        throw error;
      }
    },
    close: async () => {
      alive = false;
      inlet.cancel(new Error("nobody listens any more"));
      await channel.bounded(COMMAND_TIMEOUT, remote.close()).catch(() => {});
      remote[Symbol.dispose]?.();
    },
  };
}

/** Text in lines, from chunks that end anywhere. */
class Lines {
  readonly #line: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    if (!chunk.includes(NEW_LINE)) {
      this.#rest = text;
      return;
    }
    const lines = text.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }
}

function throwIf(error: ErrorData | undefined): void {
  if (error !== undefined) throw reviveError(error, postgresErrors) satisfies LandlineError;
}
