import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fifo } from "./fifo.ts";

describe("Fifo", () => {
  it("gives back what it was given, in order, however long it gets", () => {
    const steps = fc.array(fc.integer({ min: -4000, max: 4000 }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (counts) => {
        const fifo = new Fifo<number>();
        let pushed = 0;
        let shifted = 0;
        for (const count of counts) {
          for (let step = 0; step < count; step++) fifo.push(pushed++);
          const wanted: number[] = [];
          const got: (number | undefined)[] = [];
          for (let step = 0; step > count && shifted < pushed; step--) {
            wanted.push(shifted, shifted++);
            got.push(fifo.first, fifo.shift());
          }
          expect(got).toEqual(wanted);
          expect(fifo).toHaveLength(pushed - shifted);
        }
        while (fifo.shift() !== undefined) shifted++;
        expect(shifted).toBe(pushed);
        expect(fifo.first).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
