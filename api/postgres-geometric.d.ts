// What @landline/postgres/geometric declares to the public, made by `pnpm api`.

declare class Point implements PostgresText {
    readonly x: number;
    readonly y: number;
    constructor(x: number, y: number);
    toPostgres(): string;
}

declare class Line implements PostgresText {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    constructor(a: number, b: number, c: number);
    toPostgres(): string;
}

declare class Segment implements PostgresText {
    readonly from: Point;
    readonly to: Point;
    constructor(from: Point, to: Point);
    toPostgres(): string;
}

declare class Box implements PostgresText {
    readonly high: Point;
    readonly low: Point;
    constructor(high: Point, low: Point);
    toPostgres(): string;
}

declare class Path implements PostgresText {
    readonly points: readonly Point[];
    readonly isOpen: boolean;
    constructor(points: readonly Point[], isOpen?: boolean);
    toPostgres(): string;
}

declare class Polygon implements PostgresText {
    readonly points: readonly Point[];
    constructor(points: readonly Point[]);
    toPostgres(): string;
}

declare class Circle implements PostgresText {
    readonly center: Point;
    readonly radius: number;
    constructor(center: Point, radius: number);
    toPostgres(): string;
}

declare const geometric: TypeCodec;

interface PostgresText {
    toPostgres(): string;
}

export {
    Point,
    Line,
    Segment,
    Box,
    Path,
    Polygon,
    Circle,
    geometric,
};
