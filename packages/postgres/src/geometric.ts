// The geometric types (PostgreSQL documentation, "Geometric Types"), there and back. Each is read as plain numbers, and each
// value knows its own text form, so that what was read can be sent again.

import { ProtocolError } from "@landline/core";
import { byOid } from "./types/by-oid.ts";
import type { PostgresText } from "./types/parameter.ts";
import type { TypeCodec } from "./types/registry.ts";

/** A point. */
export class Point implements PostgresText {
  readonly x: number;
  readonly y: number;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  toPostgres(): string {
    return `(${numberText(this.x)},${numberText(this.y)})`;
  }
}

/** An infinite line, `ax + by + c = 0`. */
export class Line implements PostgresText {
  readonly a: number;
  readonly b: number;
  readonly c: number;

  constructor(a: number, b: number, c: number) {
    this.a = a;
    this.b = b;
    this.c = c;
  }

  toPostgres(): string {
    return `{${[this.a, this.b, this.c].map(numberText).join()}}`;
  }
}

/** A line segment. */
export class Segment implements PostgresText {
  readonly from: Point;
  readonly to: Point;

  constructor(from: Point, to: Point) {
    this.from = from;
    this.to = to;
  }

  toPostgres(): string {
    return `[${pointsText([this.from, this.to])}]`;
  }
}

/** A box, by its upper right and its lower left corner. */
export class Box implements PostgresText {
  readonly high: Point;
  readonly low: Point;

  constructor(high: Point, low: Point) {
    this.high = high;
    this.low = low;
  }

  toPostgres(): string {
    return pointsText([this.high, this.low]);
  }
}

/** A path, open or closed. */
export class Path implements PostgresText {
  readonly points: readonly Point[];
  readonly isOpen: boolean;

  constructor(points: readonly Point[], isOpen = false) {
    this.points = points;
    this.isOpen = isOpen;
  }

  toPostgres(): string {
    const points = pointsText(this.points);
    return this.isOpen ? `[${points}]` : `(${points})`;
  }
}

/** A polygon, by its corners. */
export class Polygon implements PostgresText {
  readonly points: readonly Point[];

  constructor(points: readonly Point[]) {
    this.points = points;
  }

  toPostgres(): string {
    return `(${pointsText(this.points)})`;
  }
}

/** A circle. */
export class Circle implements PostgresText {
  readonly center: Point;
  readonly radius: number;

  constructor(center: Point, radius: number) {
    this.center = center;
    this.radius = radius;
  }

  toPostgres(): string {
    return `<${this.center.toPostgres()},${numberText(this.radius)}>`;
  }
}

/** All of them. */
export const geometric: TypeCodec = {
  register(table) {
    for (const codec of CODECS) codec.register(table);
  },
};

const CODECS: readonly TypeCodec[] = [
  byOid({ oid: 600, array: 1017, parse: (text) => pointsOf(text, 1)[0] }),
  byOid({ oid: 628, array: 629, parse: (text) => new Line(...(numbersOf(text, 3) as [number, number, number])) }),
  byOid({ oid: 601, array: 1018, parse: (text) => new Segment(...(pointsOf(text, 2) as [Point, Point])) }),
  byOid({ oid: 603, array: 1020, delimiter: ";", parse: (text) => new Box(...(pointsOf(text, 2) as [Point, Point])) }),
  byOid({ oid: 602, array: 1019, parse: (text) => new Path(pointsOf(text), text.startsWith("[")) }),
  byOid({ oid: 604, array: 1027, parse: (text) => new Polygon(pointsOf(text)) }),
  byOid({ oid: 718, array: 719, parse: parseCircle }),
];

function parseCircle(text: string): Circle {
  const [x, y, radius] = numbersOf(text, 3) as [number, number, number];
  return new Circle(new Point(x, y), radius);
}

/** @throws ProtocolError */
function numbersOf(text: string, count?: number): number[] {
  const numbers = text
    .split(/[(),[\]{}<>]+/)
    .filter((part) => part !== "")
    .map(Number);
  if (count === undefined ? numbers.length % 2 === 1 : numbers.length !== count)
    throw new ProtocolError("the server sent a malformed geometric value");
  return numbers;
}

function pointsOf(text: string, count?: number): Point[] {
  const numbers = numbersOf(text, count === undefined ? undefined : 2 * count);
  return Array.from(
    { length: numbers.length / 2 },
    (_, index) => new Point(numbers[2 * index] as number, numbers[2 * index + 1] as number),
  );
}

function pointsText(points: readonly Point[]): string {
  return points.map((point) => point.toPostgres()).join();
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
