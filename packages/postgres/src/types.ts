// What `@landline/postgres/types` offers: types that are read as text unless a client is told of them, and how their values
// are sent. Apart, so that nobody pays for what he does not use.

export { byName } from "./types/by-name.ts";
export { byOid } from "./types/by-oid.ts";
export type { OwnType } from "./types/by-oid.ts";
export { rowOf } from "./types/composite.ts";
export { hstore, hstoreOf } from "./types/hstore.ts";
export { interval, Interval } from "./types/interval.ts";
export type { IntervalFields } from "./types/interval.ts";
export type { PostgresText } from "./types/parameter.ts";
export { Multirange, Range, ranges } from "./types/range.ts";
export type { RangeBounds } from "./types/range.ts";
export type { TypeCodec } from "./types/registry.ts";
export { vector, vectorOf } from "./types/vector.ts";
