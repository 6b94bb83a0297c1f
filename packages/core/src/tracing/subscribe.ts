// One observer for every client there is, by the tracing channels of node:diagnostics_channel.

import type { Observer, Operation, OperationEnd, OperationKind } from "../observe.ts";

interface Subscribers {
  start(message: unknown): void;
  asyncEnd(message: unknown): void;
}

interface DiagnosticsChannel {
  tracingChannel(name: string): {
    subscribe(subscribers: Subscribers): void;
    unsubscribe(subscribers: Subscribers): void;
  };
}

const KINDS: readonly OperationKind[] = ["connect", "query", "command", "send", "pool"];

/**
 * Lets `observer` hear of the operations of all clients, also of those that exist already, without an option on any of them.
 * Returns what ends it. Does nothing where the runtime has no `node:diagnostics_channel` (Workers without Node
 * compatibility): there, give the observer to each client.
 */
export function subscribe(observer: Observer, kinds: readonly OperationKind[] = KINDS): () => void {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.("node:diagnostics_channel") as DiagnosticsChannel | undefined;
  if (module === undefined) return () => {};
  const ends = new WeakMap<object, (end: OperationEnd) => void>();
  const subscribers: Subscribers = {
    start: (message) => {
      const end = observer(message as Operation);
      if (typeof end === "function") ends.set(message as Operation, end);
    },
    asyncEnd: (message) => {
      const operation = message as Operation;
      ends.get(operation)?.(operation.ended ?? {});
      ends.delete(operation);
    },
  };
  const channels = kinds.map((kind) => module.tracingChannel(`landline:${kind}`));
  for (const channel of channels) channel.subscribe(subscribers);
  return () => {
    for (const channel of channels) channel.unsubscribe(subscribers);
  };
}
