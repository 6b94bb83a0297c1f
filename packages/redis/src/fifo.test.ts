import fc from "fast-check";
import { describe, it } from "vitest";
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
          for (let step = 0; step > count && shifted < pushed; step--) {
            if (fifo.first !== shifted || fifo.shift() !== shifted) return false;
            shifted++;
          }
          if (fifo.length !== pushed - shifted) return false;
        }
        return shifted < pushed || (fifo.first === undefined && fifo.shift() === undefined);
      }),
      { numRuns: 50 },
    );
  });
});
