// LISTEN on a session of one's own: the commands for it, and what is heard. See listen.ts for who is told.

import { command } from "./execution.ts";
import type { Ear, Hearing, OwnSession } from "./session.ts";

const COMMAND_TIMEOUT = 10_000;

/** Makes an ear of a session that nobody else uses. */
export function earOf(own: OwnSession, hearing: Hearing): Ear {
  const { session } = own;
  session.listeners.notification = (channel, payload, processId) => hearing.notification(channel, payload, processId);
  session.listeners.end = (cause) => hearing.end(cause);
  const run = async (text: string): Promise<void> => {
    const execution = command(text, COMMAND_TIMEOUT);
    execution.start(session);
    await execution.answer;
  };
  return {
    get alive() {
      return session.alive;
    },
    listen: (channels) => run(listenText(channels)),
    unlisten: (channel) => run(`unlisten ${quoted(channel)}`),
    // An empty query: one that is not answered in time ends the session, and that is heard of.
    probe: () => run(""),
    close: () => own.close(),
  };
}

/** LISTEN for each of these. */
export function listenText(channels: readonly string[]): string {
  return channels.map((channel) => `listen ${quoted(channel)}`).join("; ");
}

function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
