// Arrays and rows there and back, for any contents; and what is no array.

import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backend } from "../../test/support/backend.ts";
import { arrayOf } from "./array.ts";
import { encodeParameters } from "./parameter.ts";
import { registry } from "./registry.ts";
import { planRows, readArray, readObject } from "./row.ts";
import { text } from "../protocol/bytes.ts";
import { bytea } from "./text.ts";

const encoder = new TextEncoder();
const TEXT = 25;
const texts = arrayOf(text);

/** Decodes in the middle of other bytes, which must not be looked at. */
function decode(literal: string, decoder = texts): unknown {
  const bytes = encoder.encode(`"{${literal}"}`);
  return decoder(bytes, 2, bytes.length - 2);
}

const storable = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));

describe("arrays", () => {
  test("of any texts and NULLs come back as they were", () => {
    const { elements } = fc.letrec((tie) => ({
      element: fc.oneof({ maxDepth: 4 }, fc.option(storable, { nil: null }), tie("elements")),
      elements: fc.array(tie("element"), { maxLength: 5 }),
    }));
    fc.assert(
      fc.property(elements as fc.Arbitrary<unknown[]>, (array) => {
        const [literal] = encodeParameters([array]).values;
        expect(decode(literal as string)).toEqual(array);
      }),
    );
  });

  test("of any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (array) => {
        const [literal] = encodeParameters([array]).values;
        expect(decode(literal as string, arrayOf(bytea))).toEqual(array.map((bytes) => Uint8Array.from(bytes)));
      }),
    );
  });

  test.each(["", "{", "}", "{1", "1", "{1}}", "{1}x", '{"', '{"\\', "[0:1]", "{{{{{{{1}}}}}}}"])(
    "%j is none",
    (literal) => {
      expect(() => decode(literal)).toThrow(ProtocolError);
    },
  );
});

describe("rows", () => {
  const name = fc.oneof(storable, fc.constantFrom("__proto__", "constructor", "toString", "", "0"));

  test("of any names and values, as arrays and as objects", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.option(storable, { nil: null })), { selector: ([key]) => key }),
        (cells) => {
          const columns = cells.map(([key]) => ({
            name: key,
            table: 0,
            attribute: 0,
            type: TEXT,
            size: -1,
            modifier: -1,
            format: 0,
          }));
          const plan = planRows(columns, registry());
          const frame = backend.dataRow(...cells.map(([, value]) => value));
          expect(readArray(plan, frame, 5, frame.length)).toEqual(cells.map(([, value]) => value));
          const row = readObject(plan, frame, 5, frame.length);
          expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
          expect(new Map(Object.entries(row))).toEqual(new Map(cells));
        },
      ),
    );
  });
});
