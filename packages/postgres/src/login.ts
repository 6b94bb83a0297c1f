// The last step of a login as an exchange: the client's proof goes out, and whoever is first to use the session writes his
// query right behind it, a round trip before the server has answered. Only for a server that TLS has verified already, or
// whose user has said so.

import type { ByteWriter } from "@landline/core/bytes";
import { PostgresError, serverReport } from "./errors.ts";
import { saslResponse } from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import { outOfTurn } from "./protocol/refusals.ts";
import type { ReplySink, Request } from "./session.ts";

/** A login of which the server's answer is still to come. */
export interface PendingLogin {
  /** The SASLResponse with our proof. */
  readonly proof: string;
  /** @throws ProtocolError when the server cannot prove itself. */
  verify(serverFinal: string): void;
}

/** What hears of the login's end. */
export interface LoginListener {
  key(processId: number, secretKey: Uint8Array): void;
  done(error: unknown): void;
}

/** What is to come next from the server. */
type Step = "proof" | "ok" | "ready" | "done";

/** The first exchange of a session. What goes wrong in it is thrown, and ends the session. */
export class Login implements Request, ReplySink {
  readonly syncs = 1;
  readonly extended = true;
  readonly signal = undefined;
  readonly timeout = undefined;
  readonly #login: PendingLogin;
  readonly #listener: LoginListener;
  #step: Step = "proof";

  constructor(login: PendingLogin, listener: LoginListener) {
    this.#login = login;
    this.#listener = listener;
  }

  write(writer: ByteWriter): void {
    saslResponse(writer, this.#login.proof);
  }

  row(): void {
    throw outOfTurn({ type: "a row" }, "unknown");
  }

  message(message: BackendMessage): void {
    if (message.type === "errorResponse") throw new PostgresError(serverReport(message.fields), { outcome: "refused" });
    this.#step = this.#next(message);
  }

  abandon(): void {}

  end(error?: unknown): void {
    this.#listener.done(error);
  }

  #next(message: BackendMessage): Step {
    if (this.#step === "proof" && message.type === "authenticationSASLFinal") {
      this.#login.verify(message.data);
      return "ok";
    }
    if (this.#step === "ok" && message.type === "authenticationOk") return "ready";
    if (this.#step === "ready") {
      if (message.type === "readyForQuery") return "done";
      if (message.type === "negotiateProtocolVersion") return "ready";
      if (message.type === "backendKeyData") {
        this.#listener.key(message.processId, message.secretKey);
        return "ready";
      }
    }
    throw outOfTurn(message, "unknown");
  }
}
