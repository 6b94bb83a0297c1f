// What runs on a session: one exchange that can be told that it never will. And what several of them, which belong together,
// run on. Types only.

import type { Session } from "./session.ts";

/** One exchange, ready to be put into a session's queue. */
export interface Task {
  /** Called when the session is done with it, or it never got to one. */
  onEnd: ((session: Session | undefined) => void) | undefined;
  /** Puts it into the session's queue. */
  start(session: Session): void;
  /** It will not run: tells its caller why. */
  fail(error: unknown): void;
}

/** A session on which several tasks meet, one after the other. */
export interface Hold {
  /** Whether they run inside of somebody's transaction, so that they must not begin or end one. */
  readonly inTransaction: boolean;
  /** A name for a portal, unused so far. */
  portalName(): string;
  run(task: Task): void;
  /** Called when the transaction around it ends before {@link end} was called: what is left open has to end. */
  onRevoke: ((reason: unknown) => void) | undefined;
  /** No more tasks will come. */
  end(): void;
}
