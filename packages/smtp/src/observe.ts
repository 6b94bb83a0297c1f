// What the client tells an observer: of messages here, of connections and the pool in client.ts. Only where somebody listens.
// Names are those of OpenTelemetry's conventions for messaging, as far as mail is like it.

import type { Attributes, Observation } from "@landline/core";
import type { Receipt } from "./client.ts";
import { SmtpError, type Delivery } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Outgoing } from "./send.ts";

/** What every operation of a client has. */
export function clientAttributes({ address, lmtp }: Pick<Settings, "address" | "lmtp">): Attributes {
  const protocol = lmtp ? "lmtp" : "smtp";
  return {
    "messaging.system": protocol,
    "network.protocol.name": protocol,
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
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      ...(size === undefined ? {} : { "messaging.message.envelope.size": size }),
      "landline.smtp.recipients": envelope.to.length,
    },
    () => ({
      "messaging.message.id": messageId,
      "landline.smtp.from": envelope.from,
      "landline.smtp.to": envelope.to.join(", "),
    }),
  );
  const receipt = work();
  receipt.then(
    (delivery) => end({ attributes: fates(delivery) }),
    (error: unknown) => end({ error, attributes: error instanceof SmtpError ? refused(error) : {} }),
  );
  return receipt;
}

/** How many recipients met which fate. */
function fates({ accepted, rejected, unknown }: Delivery): Attributes {
  return {
    "landline.smtp.accepted": accepted.length,
    "landline.smtp.rejected": rejected.length,
    "landline.smtp.unknown": unknown.length,
  };
}

/** Where it was refused, and by which codes; the server's words may quote an address. */
function refused({ phase, responseCode, enhanced, delivery }: SmtpError): Attributes {
  return {
    "landline.smtp.phase": phase,
    ...(responseCode === undefined ? {} : { "landline.smtp.code": responseCode }),
    ...(enhanced === undefined ? {} : { "landline.smtp.enhanced": enhanced }),
    ...(delivery === undefined ? {} : fates(delivery)),
  };
}
