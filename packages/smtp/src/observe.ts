// What the client tells an observer: of messages here, of connections and the pool in client.ts. Only where somebody listens.

import type { Attributes, Observation } from "@landline/core";
import type { Receipt } from "./client.ts";
import type { Settings } from "./options.ts";
import type { Outgoing } from "./send.ts";

/** What every operation of a client has. */
export function clientAttributes({ address, lmtp }: Settings): Attributes {
  return {
    "network.protocol.name": lmtp ? "lmtp" : "smtp",
    "server.address": address.hostname,
    "server.port": address.port,
  };
}

/** Tells of a message, while `work` sends it. */
export function observeSend(
  observation: Observation,
  { envelope, size, messageId }: Pick<Outgoing, "envelope" | "size"> & { readonly messageId: string },
  work: () => Promise<Receipt>,
): Promise<Receipt> {
  if (!observation.on) return work();
  const end = observation.begin(
    "send",
    {
      "landline.smtp.recipients": envelope.to.length,
      ...(size === undefined ? {} : { "landline.smtp.size": size }),
    },
    () => ({
      "landline.smtp.from": envelope.from,
      "landline.smtp.to": envelope.to.join(", "),
      "landline.smtp.message_id": messageId,
    }),
  );
  const receipt = work();
  observation.follow(receipt, end, ({ accepted, rejected, unknown }) => ({
    "landline.smtp.accepted": accepted.length,
    "landline.smtp.rejected": rejected.length,
    "landline.smtp.unknown": unknown.length,
  }));
  return receipt;
}
