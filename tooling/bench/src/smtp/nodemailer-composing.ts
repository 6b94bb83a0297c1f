// The encoders of nodemailer alone, as it calls them when content is in memory: what a whole message takes comes on top.

import addressparser from "nodemailer/lib/addressparser";
import * as base64 from "nodemailer/lib/base64";
import * as qp from "nodemailer/lib/qp";
import type { Contestant } from "../harness/contestant.ts";
import { composing } from "./composing.ts";

export const contestant: Contestant = async (scenario) =>
  composing(scenario, {
    base64: (content) => Buffer.from(base64.wrap(base64.encode(Buffer.from(content.buffer)), 76)).length,
    quotedPrintable: (text) => Buffer.from(qp.wrap(qp.encode(text), 76)).length,
    addresses: (list) => addressparser(list).length,
  });
