// interval (PostgreSQL documentation, "Interval Output"), there and back, without a loss: months, days and time are three
// things, and no one of them is made into another.

import { ProtocolError } from "@landline/core";
import { byOid } from "./by-oid.ts";
import type { PostgresText } from "./parameter.ts";
import type { TypeCodec } from "./registry.ts";

/** What an interval consists of. */
export interface IntervalFields {
  readonly years?: number;
  readonly months?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly microseconds?: number;
}

/** A span of time. Every field is a whole number, and may be negative. */
export class Interval implements PostgresText {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly microseconds: number;

  /** @throws TypeError for what is no whole number. */
  constructor(fields: IntervalFields) {
    const { years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0 } = fields;
    if (![years, months, days, hours, minutes, seconds, microseconds].every(Number.isSafeInteger))
      throw new TypeError("the fields of an interval are whole numbers");
    this.years = years;
    this.months = months;
    this.days = days;
    this.hours = hours;
    this.minutes = minutes;
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  /** The text form. */
  toPostgres(): string {
    return UNITS.map((unit) => `${this[unit]} ${unit}`).join(" ");
  }
}

const UNITS = ["years", "months", "days", "hours", "minutes", "seconds", "microseconds"] as const;
/** The style `postgres`. The time has one sign for all of it. */
const POSTGRES =
  /^(?:(-?\d+) years? ?)?(?:\+?(-?\d+) mons? ?)?(?:\+?(-?\d+) days? ?)?(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;
/** The style `iso_8601`. */
const ISO = /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/;

/** interval as an {@link Interval}; the infinite ones, of PostgreSQL 17, as `Infinity` and `-Infinity`. */
export const interval: TypeCodec = byOid({ oid: 1186, array: 1187, parse: parseInterval });

/** interval's text form, in the styles `postgres`, which is the default, and `iso_8601`. @throws ProtocolError */
function parseInterval(source: string): Interval | number {
  if (source === "infinity") return Infinity;
  if (source === "-infinity") return -Infinity;
  const match = POSTGRES.exec(source);
  if (match !== null && source !== "") {
    const [, years, months, days, sign, hours, minutes, seconds, fraction] = match;
    const factor = sign === "-" ? -1 : 1;
    return fields([years, months, days, hours, minutes, seconds, micros(fraction)], factor);
  }
  const iso = ISO.exec(source);
  if (iso === null)
    throw new ProtocolError(
      "the server sent an interval in a style that is not read here; set IntervalStyle to postgres",
    );
  const [, years, months, days, hours, minutes, sign = "", seconds, fraction] = iso;
  const signed = (digits: string | undefined): string | undefined => digits && `${sign}${digits}`;
  return fields([years, months, days, hours, minutes, signed(seconds), signed(micros(fraction))], 1);
}

function micros(fraction: string | undefined): string | undefined {
  return fraction?.padEnd(6, "0");
}

function fields(values: readonly (string | undefined)[], timeFactor: number): Interval {
  const numbers = values.map((value, index) => Number(value ?? 0) * (index < 3 ? 1 : timeFactor) + 0);
  return new Interval(Object.fromEntries(UNITS.map((unit, index) => [unit, numbers[index] as number])));
}
