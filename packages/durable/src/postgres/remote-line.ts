// A session of Postgres over RPC: a Conversation whose line is a buffer. What is written in a tick leaves as one call, and the
// bytes that come back are what the server said.

import { ByteWriter } from "@landline/core/bytes";
import { BackendDecoder, Conversation, type Line } from "@landline/postgres/wire";
import { reviveError } from "../error-data.ts";
import { postgresErrors } from "./errors.ts";
import type { Reply } from "./rpc.ts";

/** What carries frames to a backend. */
export interface Courier {
  /** @throws a LandlineError when there is no reply. */
  send(frames: Uint8Array): Promise<Reply>;
  /** Asks for what is in flight to be stopped. Resolves when that cannot strike later; rejects when this is not certain. */
  cancel(): Promise<void>;
  /** Nobody waits for what is in flight any more. */
  giveUp(): void;
}

const INITIAL_BYTES = 512;

/** A conversation over a courier. */
export function converseBy(courier: Courier): Conversation {
  const writer = new ByteWriter(INITIAL_BYTES);
  let scheduled = false;

  const flush = (): void => {
    scheduled = false;
    if (writer.length === 0 || !conversation.alive) return;
    const taken = writer.take();
    // A copy of the exact size: serialising a view sends all that lies behind it.
    const frames = taken.slice();
    writer.recycle(taken);
    void deliver(conversation, courier.send(frames));
  };
  const line: Line = {
    get writer() {
      if (!scheduled) {
        scheduled = true;
        // A microtask in a microtask: whoever continues in this tick is still in time.
        queueMicrotask(() => queueMicrotask(flush));
      }
      return writer;
    },
    cancel: () => {
      // What is to be cancelled has to be on its way before the cancellation.
      flush();
      return courier.cancel();
    },
    abort: () => courier.giveUp(),
  };
  const conversation = new Conversation(line, {
    decoder: new BackendDecoder(),
    parameters: new Map(),
    processId: undefined,
    // Backends change from one run to the next.
    statements: undefined,
  });
  return conversation;
}

/** Never rejects: the conversation tells everybody. */
async function deliver(conversation: Conversation, sent: Promise<Reply>): Promise<void> {
  let reply: Reply;
  try {
    reply = await sent;
  } catch (error) {
    conversation.fail(error);
    return;
  }
  try {
    if (reply.bytes.length > 0) conversation.data(reply.bytes);
  } catch (error) {
    conversation.end(error);
    return;
  }
  if (reply.error !== undefined) conversation.fail(reviveError(reply.error, postgresErrors));
}
