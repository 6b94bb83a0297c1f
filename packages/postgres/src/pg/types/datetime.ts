// Dates, times and intervals out of their ISO text: a Date, which reads what has no zone in the time zone of this process,
// and an object of parts. That is what node-postgres does; the `sql` tag never shifts a date.

const DATE_TIME =
  /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?)?( BC)?$/;

/** timestamptz, timestamp and date. `infinity` becomes a number; what is no date, `null`. */
export function parseDate(text: string): Date | number | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return infinityOf(text);
  const year = match[13] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  const month = Number(match[2]) - 1;
  const [, , , day, hour = 0, minute = 0, second = 0] = match.map(Number) as number[];
  const time = [
    orZero(hour),
    orZero(minute),
    orZero(second),
    match[7] === undefined ? 0 : 1000 * Number(match[7]),
  ] as const;
  const date = new Date(0);
  const zoned = match[8] !== undefined || match[9] !== undefined;
  if (!zoned) {
    // All at once, so that the offset is that of the day itself; years below 100 would be taken for those of 1900.
    date.setTime(new Date(2000, 0, 1).getTime());
    date.setFullYear(year, month, day);
    date.setHours(...time);
    return date;
  }
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(...time);
  const seconds = orZero(Number(match[10])) * 3600 + orZero(Number(match[11])) * 60 + orZero(Number(match[12]));
  date.setTime(date.getTime() - (match[9] === "-" ? -1 : 1) * seconds * 1000);
  return date;
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function infinityOf(text: string): number | null {
  if (text === "infinity") return Infinity;
  return text === "-infinity" ? -Infinity : null;
}

const UNITS = ["years", "months", "days", "hours", "minutes", "seconds", "milliseconds"] as const;
const INTERVAL =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-])?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** An interval in parts; those that are zero are not there. */
export class PostgresInterval {
  declare years?: number;
  declare months?: number;
  declare days?: number;
  declare hours?: number;
  declare minutes?: number;
  declare seconds?: number;
  /** With the microseconds as its fraction. */
  declare milliseconds?: number;

  constructor(text: string) {
    const match = INTERVAL.exec(text);
    if (match === null) return;
    const sign = match[4] === "-" ? -1 : 1;
    const [, years, months, days, , hours, minutes, seconds, fraction] = match;
    const parts = [
      whole(years),
      whole(months),
      whole(days),
      sign * whole(hours),
      sign * whole(minutes),
      sign * whole(seconds),
      (sign * whole(fraction?.padEnd(6, "0"))) / 1000,
    ];
    for (const [index, unit] of UNITS.entries()) if (parts[index] !== 0) this[unit] = parts[index] as number;
  }

  /** As Postgres reads it: `1 seconds 3 hours`. What is a parameter is sent as this. */
  toPostgres(): string {
    const parts = [...UNITS].toReversed().flatMap((unit) => {
      if (unit === "milliseconds") return [];
      const text = unit === "seconds" ? this.#seconds() : String(this[unit] ?? 0);
      return text === "0" ? [] : [`${text} ${unit}`];
    });
    return parts.length === 0 ? "0" : parts.join(" ");
  }

  /** ISO 8601: `P1Y2M3DT4H5M6.7S`. */
  toISOString(): string {
    const { years = 0, months = 0, days = 0, hours = 0, minutes = 0 } = this;
    return `P${years}Y${months}M${days}DT${hours}H${minutes}M${this.#seconds()}S`;
  }

  /** The same. */
  toISO(): string {
    return this.toISOString();
  }

  #seconds(): string {
    const { seconds = 0, milliseconds = 0 } = this;
    if (milliseconds === 0) return String(seconds);
    return (seconds + milliseconds / 1000).toFixed(6).replace(/\.?0+$/, "");
  }
}

function whole(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits);
}
