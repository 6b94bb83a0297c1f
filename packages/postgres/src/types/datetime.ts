// timestamptz in the ISO form of the server (`2024-02-29 12:00:00.123456+04:56:02 BC`) to a Date. Years of any length,
// BC, offsets with seconds and the infinities; nothing is left to Date.parse, which guesses.

import { broken } from "../protocol/bytes.ts";
import { text } from "../protocol/bytes.ts";

const TIMESTAMPTZ =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/** A Date (milliseconds: the microseconds of the server are cut off), or `Infinity` or `-Infinity`. */
export function timestamptz(bytes: Uint8Array, start: number, end: number): Date | number {
  const source = text(bytes, start, end);
  const match = TIMESTAMPTZ.exec(source);
  if (match === null) {
    if (source === "infinity") return Infinity;
    if (source === "-infinity") return -Infinity;
    throw broken("a timestamptz that is not in ISO form; DateStyle has to stay ISO");
  }
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = "",
    sign,
    offsetHour,
    offsetMinute = "0",
    offsetSecond = "0",
    era,
  ] = match;
  // The year before 1 AD is 1 BC, which is year 0.
  const fullYear = era === undefined ? Number(year) : 1 - Number(year);
  const date = new Date(0);
  date.setUTCFullYear(fullYear, Number(month) - 1, Number(day));
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3));
  const offset = Number(offsetHour) * 3600 + Number(offsetMinute) * 60 + Number(offsetSecond);
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - (sign === "-" ? -offset : offset);
  return new Date(date.getTime() + seconds * 1000 + milliseconds);
}
