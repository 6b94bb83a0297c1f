// Ranges and multiranges (PostgreSQL documentation, "Range Types"), there and back.

import { arrayOf } from "./array.ts";
import { decodeText, joinFields, splitFields } from "./fields.ts";
import type { PostgresText } from "./parameter.ts";
import type { TypeCodec } from "./registry.ts";
import { text } from "../protocol/bytes.ts";
import { type ValueDecoder } from "./text.ts";

/** Which bounds belong to the range: `[` and `]` do, `(` and `)` do not. */
export type RangeBounds = "[]" | "[)" | "(]" | "()";

/** A range. As a parameter, its type is what the server infers, or a cast says: `${new Range(1, 5)}::int4range`. */
export class Range<T = unknown> implements PostgresText {
  /** The range with nothing in it. */
  static readonly empty: Range<never> = new Range<never>(null, null, "()", true);

  /** `null`: no bound. */
  readonly lower: T | null;
  /** `null`: no bound. */
  readonly upper: T | null;
  readonly bounds: RangeBounds;
  /** Whether nothing is in it. */
  readonly isEmpty: boolean;

  constructor(lower: T | null, upper: T | null, bounds: RangeBounds = "[)", isEmpty = false) {
    if (!/^[[(][\])]$/.test(bounds)) throw new TypeError('the bounds of a range are "[]", "[)", "(]" or "()"');
    this.lower = lower;
    this.upper = upper;
    this.bounds = bounds;
    this.isEmpty = isEmpty;
  }

  /** The text form. */
  toPostgres(): string {
    if (this.isEmpty) return "empty";
    return `${this.bounds[0]}${joinFields([this.lower, this.upper])}${this.bounds[1]}`;
  }
}

/** Several ranges that do not overlap. */
export class Multirange<T = unknown> implements PostgresText {
  readonly ranges: readonly Range<T>[];

  constructor(ranges: readonly Range<T>[]) {
    this.ranges = ranges;
  }

  /** The text form. */
  toPostgres(): string {
    return `{${this.ranges.map((range) => range.toPostgres()).join()}}`;
  }
}

const RANGES = /[[(](?:"(?:[^"\\]|\\.|"")*"|[^"\])])*[\])]/gsu;

/** A decoder of ranges of what `bound` decodes. */
export function rangeOf(bound: ValueDecoder): ValueDecoder {
  return (bytes, start, end) => parseRange(text(bytes, start, end), bound);
}

/** A decoder of multiranges of what `bound` decodes. */
export function multirangeOf(bound: ValueDecoder): ValueDecoder {
  return (bytes, start, end) =>
    new Multirange((text(bytes, start, end).match(RANGES) ?? []).map((range) => parseRange(range, bound)));
}

function parseRange(source: string, bound: ValueDecoder): Range {
  if (source === "empty") return Range.empty;
  const [lower = null, upper = null] = splitFields(source.slice(1, -1)).map((field) =>
    field === null ? null : decodeText(bound, field),
  );
  return new Range(lower, upper, `${source[0]}${source.at(-1)}` as RangeBounds);
}

/** Range, its array, multirange, its array, the type of the bounds. */
const BUILT_IN: readonly (readonly number[])[] = [
  [3904, 3905, 4451, 6150, 23], // int4
  [3906, 3907, 4532, 6151, 1700], // numeric
  [3908, 3909, 4533, 6152, 1114], // timestamp
  [3910, 3911, 4534, 6153, 1184], // timestamptz
  [3912, 3913, 4535, 6155, 1082], // date
  [3926, 3927, 4536, 6157, 20], // int8
];

/** The ranges and multiranges of the server itself, as {@link Range} and {@link Multirange}. Those of your own go by {@link byName}. */
export const ranges: TypeCodec = {
  register({ codecs, types }) {
    for (const [range, rangeArray, multirange, multirangeArray, bound] of BUILT_IN as [
      number,
      number,
      number,
      number,
      number,
    ][]) {
      // Looked up when it is needed, for another codec may yet say how the bounds are read.
      const decodeBound: ValueDecoder = (bytes, start, end) => types(bound).text(bytes, start, end);
      codecs.set(range, { text: rangeOf(decodeBound) });
      codecs.set(rangeArray, { text: arrayOf(rangeOf(decodeBound)) });
      codecs.set(multirange, { text: multirangeOf(decodeBound) });
      codecs.set(multirangeArray, { text: arrayOf(multirangeOf(decodeBound)) });
    }
  },
};
