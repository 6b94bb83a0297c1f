// Random numbers that a seed repeats (the splitmix32 of Guy Steele, Doug Lea and Christine Flood). For faults and loads,
// never for secrets.

/** Numbers from 0 up to, and not with, 1. */
export type Random = () => number;

/** The same seed gives the same numbers; `stream` gives independent ones of one seed. */
export function seededRandom(seed: number, stream: number = 0): Random {
  let state = (Math.imul(seed | 0, 0x9e37_79b1) ^ Math.imul((stream + 1) | 0, 0x85eb_ca6b)) | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}
