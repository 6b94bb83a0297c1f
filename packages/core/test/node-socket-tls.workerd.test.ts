// What node:tls of Workers does with a stream that is not theirs: it reports TLS where there is none. Not with ours.

import { connect as tlsConnect } from "node:tls";
import { describe, expect, test } from "vitest";
import { answered, failure } from "./upgrading.ts";

describe("tls.connect({ socket }) in workerd", () => {
  test("for another name than the one connected to is an error", async () => {
    const socket = await answered("well");
    const secure = tlsConnect({ socket, servername: "other.example" });
    expect(await failure(secure)).toMatchObject({ code: "TLS_UNSUPPORTED_OPTION" });
  });

  test("is an error, and not a connection in the clear, where it is not possible", async () => {
    const socket = await answered("well", { tls: "prefer", negotiate: () => Promise.resolve(false) });
    const secure = tlsConnect({ socket, servername: "localhost" });
    const events: string[] = [];
    secure.on("secureConnect", () => events.push("secureConnect"));
    expect(await failure(secure)).toBeInstanceOf(TypeError);
    expect(events).toEqual([]);
  });
});
