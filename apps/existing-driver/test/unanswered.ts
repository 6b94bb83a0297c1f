// A connector whose connections never come about, and never fail.

import type { Connector, Socket } from "@landline/core";

/** Takes a server's place that answers nothing, not even by a refusal. */
export const unanswered: Connector = () => {
  const never = new Promise<never>(() => {});
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const close = (): Promise<void> => Promise.resolve();
  return { opened: never, closed: never, readable, writable, close, upgraded: false } as unknown as Socket;
};
