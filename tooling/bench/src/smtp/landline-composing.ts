// Our composer by its public face: whole messages, of which the encoded part is all but a few hundred bytes.

import { compose, parseAddresses } from "@landline/smtp/message";
import type { Message } from "@landline/smtp/message";
import type { Contestant } from "../harness/contestant.ts";
import { composing } from "./composing.ts";

const CIRCUMSTANCES = { now: () => new Date(0), random: (bytes: number) => new Uint8Array(bytes) };

async function written(message: Message): Promise<number> {
  const { body } = compose({ from: "a@a.example", to: "b@b.example", ...message }, CIRCUMSTANCES);
  let length = 0;
  for await (const piece of body) length += piece.length;
  return length;
}

export const contestant: Contestant = async (scenario) =>
  composing(scenario, {
    base64: (content) => written({ attachments: [{ content }] }),
    quotedPrintable: (text) => written({ text }),
    addresses: (list) => parseAddresses(list).length,
  });
