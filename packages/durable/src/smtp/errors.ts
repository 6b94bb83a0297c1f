// How SMTP's own errors cross RPC.

import { SmtpError } from "@landline/smtp";
import type { SmtpErrorInit } from "@landline/smtp/wire";
import { DurableError } from "../durable-error.ts";
import type { ErrorFamily } from "../error-data.ts";

/** SmtpError, DurableError. */
export const smtpErrors: ErrorFamily = {
  fieldsOf(error) {
    if (!(error instanceof SmtpError)) return undefined;
    const { phase, responseCode, enhanced, response, delivery } = error;
    return { phase, responseCode, enhanced, response, delivery };
  },
  revive({ name, message, code, outcome, fields = {} }) {
    if (name === "DurableError") return new DurableError(message, { code, outcome });
    if (name !== "SmtpError") return undefined;
    const { phase, responseCode, enhanced, response, delivery } = fields as Pick<
      SmtpError,
      "phase" | "responseCode" | "enhanced" | "response" | "delivery"
    >;
    const reply: SmtpErrorInit["reply"] =
      responseCode === undefined ? undefined : { code: responseCode, enhanced, lines: [response ?? ""] };
    return new SmtpError(message, { code, outcome, phase, reply, delivery });
  },
};
