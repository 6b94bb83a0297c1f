// The exchange of RFC 7677, and what a false server might try.

import { ProtocolError } from "@landline/core";
import { describe, expect, test, vi } from "vitest";
import { md5Hex, md5Password } from "./md5.ts";
import { saslprep } from "./saslprep.ts";
import { ScramClient } from "./scram.ts";

const NONCE = "rOprNGfwEbeRWgbNEkqO";
const SERVER_FIRST = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

describe("SCRAM-SHA-256", () => {
  test("the exchange of RFC 7677 section 3", async () => {
    const client = new ScramClient("pencil", NONCE, { user: "user" });
    expect(client.first).toBe(`n,,n=user,r=${NONCE}`);
    expect(await client.final(SERVER_FIRST)).toBe(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    );
    client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  });

  test("a second login by the same password costs no salting, and one by another does not go by its keys", async () => {
    const login = async (password: string): Promise<string> => {
      const client = new ScramClient(password, NONCE, { user: "user" });
      const final = await client.final(SERVER_FIRST);
      client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
      return final;
    };
    const first = await login("pencil");
    const salting = vi.spyOn(crypto.subtle, "deriveBits");
    expect(await login("pencil")).toBe(first);
    expect(salting).not.toHaveBeenCalled();
    await expect(login("pencils")).rejects.toBeInstanceOf(ProtocolError);
    await expect(login("pencils")).rejects.toBeInstanceOf(ProtocolError);
    // What a server could not prove is not kept.
    expect(salting).toHaveBeenCalledTimes(2);
    salting.mockRestore();
  });

  test("the name stays empty unless it is given", () => {
    expect(new ScramClient("pencil", NONCE).first).toBe(`n,,n=,r=${NONCE}`);
  });

  test.each([
    ["a nonce that is not ours", "r=somethingElse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
    ["our nonce alone", `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ["one iteration", `r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1`],
    ["twenty million iterations", `r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=20000000`],
    ["a negative count", `r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-4096`],
    ["no salt", `r=${NONCE}x,s=,i=4096`],
    ["salt that is no base64", `r=${NONCE}x,s=A,i=4096`],
    ["an extension that we must understand", `m=x,r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ["nothing", ""],
  ])("refuses %s", async (_, serverFirst) => {
    await expect(new ScramClient("pencil", NONCE).final(serverFirst)).rejects.toBeInstanceOf(ProtocolError);
  });

  test.each(["v=AAAA", "e=invalid-proof", "", "v=", `v=${"A".repeat(43)}=`])(
    "refuses the proof %j",
    async (serverFinal) => {
      const client = new ScramClient("pencil", NONCE);
      await client.final(SERVER_FIRST);
      expect(() => client.verify(serverFinal)).toThrow(ProtocolError);
    },
  );

  test("refuses a proof before its turn", () => {
    expect(() => new ScramClient("pencil", NONCE).verify("v=AAAA")).toThrow(ProtocolError);
  });
});

test("SASLprep: RFC 4013 section 3, and the password as it is where that is prohibited", () => {
  expect(saslprep("I\u00adX")).toBe("IX");
  expect(saslprep("user")).toBe("user");
  expect(saslprep("\u00aa")).toBe("a");
  expect(saslprep("\u2168")).toBe("IX");
  expect(saslprep("a\u00a0b")).toBe("a b");
  expect(saslprep("\u0007")).toBe("\u0007");
  expect(saslprep("\u06271")).toBe("\u06271");
});

test("MD5: RFC 1321 appendix A.5, and Postgres's use of it", async () => {
  const encoder = new TextEncoder();
  expect(await md5Hex(encoder.encode(""))).toBe("d41d8cd98f00b204e9800998ecf8427e");
  expect(await md5Hex(encoder.encode("abc"))).toBe("900150983cd24fb0d6963f7d28e17f72");
  expect(await md5Hex(encoder.encode("1234567890".repeat(8)))).toBe("57edf4a22be3c955ac49da2e2107b67a");
  const zeros: [length: number, digest: string][] = [
    [55, "c9ea3314b91c9fd4e38f9432064fd1f2"],
    [56, "e3c4dd21a9171fd39d208efa09bf7883"],
    [57, "ab9d8ef2ffa9145d6c325cefa41d5d4e"],
    [63, "65cecfb980d72fde57d175d6ec1c3f64"],
    [64, "3b5d3c7d207e37dceeedd301e35e2e58"],
    [65, "1ef5e829303a139ce967440e0cdca10c"],
  ];
  for (const [length, digest] of zeros) expect(await md5Hex(new Uint8Array(length))).toBe(digest);
  expect(await md5Password("md5_user", "password", Uint8Array.of(1, 2, 3, 4))).toBe(
    "md580a32c6f038b79de232354a2ee7060eb",
  );
});
