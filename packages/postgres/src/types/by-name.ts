// Types whose OIDs differ from database to database: enums, domains, composites, ranges of one's own, and those of
// extensions. They are looked up once for each client, in the same flight as the first query and ahead of it, so that the first
// result reads as every later one does.

import { LandlineError, ProtocolError } from "@landline/core";
import { Execution } from "../execution.ts";
import type { Session, Sessions } from "../session.ts";
import { arrayOf } from "./array.ts";
import { compositeOf } from "./composite.ts";
import { encodeParameters } from "./parameter.ts";
import { multirangeOf, rangeOf } from "./range.ts";
import { registry, type Codec, type TypeCodec, type TypeTable } from "./registry.ts";
import { text } from "../protocol/bytes.ts";
import { type ValueDecoder } from "./text.ts";

type Parse = (text: string) => unknown;

const NAME = /^(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"\0]|"")+")(?:\.(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"\0]|"")+"))?$/u;
/** The first OID that is not the server's own. */
const FIRST_OWN = 16_384;
const LOOKUP_TIMEOUT = 10_000;

/**
 * A type by its name, as the search path finds it or with its schema, and everything that it is made of: enums are strings,
 * domains what they are made of, composites objects, ranges {@link Range}s; and arrays of them. `parse` reads its text form
 * instead. A name that the database does not have is left out.
 *
 * @throws TypeError when it cannot be a name.
 *
 * @example
 * const sql = postgres({ url, types: { codecs: [byName("mood"), byName("shop.address"), byName("semver", (text) => text.split("."))] } });
 */
export function byName(name: string, parse?: (text: string) => unknown): TypeCodec {
  if (!NAME.test(name)) throw new TypeError("the name of a type is an identifier, with its schema before it or not");
  return {
    register(table) {
      let catalog = catalogs.get(table);
      if (catalog === undefined) {
        catalogs.set(table, (catalog = new Catalog(table)));
        table.other = (type) => catalog?.find(type);
        table.sessions = (sessions) => catalog?.over(sessions) ?? sessions;
      }
      catalog.want(name, parse);
    },
  };
}

const catalogs = new WeakMap<TypeTable, Catalog>();

/** What the server says of a type. */
interface Entry {
  readonly oid: number;
  /** Those of ours that mean it. */
  readonly names: readonly string[] | null;
  /** `pg_type.typtype`: base, composite, domain, enum, multirange, pseudo, range. */
  readonly kind: string;
  /** For an array, what its elements are and what is between them; else 0. */
  readonly element: number;
  readonly delimiter: string | null;
  /** For a domain. */
  readonly base: number;
  /** For a range and a multirange. */
  readonly bound: number | null;
  /** For a composite. */
  readonly attributes: readonly string[] | null;
  readonly attributeTypes: readonly number[] | null;
}

// By to_jsonb, because servers before 14 have no multiranges and no such column.
const LOOKUP = `
with recursive named(name, oid) as materialized (
  select name, to_regtype(name)::oid from unnest($1::text[]) as name
), needed(oid) as (
  select oid from named where oid is not null
  union
  select part.oid from needed join pg_catalog.pg_type t on t.oid = needed.oid
  left join pg_catalog.pg_range r on t.oid in (r.rngtypid, (to_jsonb(r)->>'rngmultitypid')::oid)
  cross join lateral (
    values (t.typarray), (t.typbasetype), (case when t.typcategory = 'A' then t.typelem end), (r.rngsubtype)
    union all
    select atttypid from pg_catalog.pg_attribute where attrelid = t.typrelid and attnum > 0 and not attisdropped
  ) as part(oid)
  where part.oid <> 0
)
select t.oid, (select array_agg(name) from named where named.oid = t.oid) as names, t.typtype::text as kind,
  case when t.typcategory = 'A' then t.typelem else 0 end as element, e.typdelim::text as delimiter,
  t.typbasetype as base, r.rngsubtype as bound, a.names as attributes, a.types as "attributeTypes"
from needed join pg_catalog.pg_type t on t.oid = needed.oid
left join pg_catalog.pg_type e on e.oid = t.typelem
left join pg_catalog.pg_range r on t.oid in (r.rngtypid, (to_jsonb(r)->>'rngmultitypid')::oid)
left join lateral (
  select array_agg(attname::text order by attnum) as names, array_agg(atttypid order by attnum) as types
  from pg_catalog.pg_attribute where attrelid = t.typrelid and attnum > 0 and not attisdropped
) a on true`;

class Catalog {
  readonly #table: TypeTable;
  readonly #wanted = new Map<string, Parse | undefined>();
  readonly #entries = new Map<number, Entry>();
  /** Neither found nor to be asked for again. */
  readonly #foreign = new Set<number>();
  /** On which sessions a lookup is under way. */
  readonly #asking = new Set<Session>();
  #known = false;
  #failure: unknown;

  constructor(table: TypeTable) {
    this.#table = table;
  }

  want(name: string, parse: Parse | undefined): void {
    this.#wanted.set(name, parse);
  }

  /** Sessions that are asked first, as long as that has to be. */
  over(sessions: Sessions): Sessions {
    return new Proxy(sessions, {
      get: (target, property) => {
        if (property === "acquire") {
          return async (options: Parameters<Sessions["acquire"]>[0]) => {
            const lease = await target.acquire(options);
            this.#ask(lease.resource);
            return lease;
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** For a type that is not the server's own. */
  find(type: number): Codec | undefined {
    const entry = this.#entries.get(type);
    if (entry !== undefined) {
      const codec = { text: this.#decoder(entry) };
      this.#table.codecs.set(type, codec);
      return codec;
    }
    if (type < FIRST_OWN || this.#foreign.has(type)) return undefined;
    if (!this.#known) throw new LookupError(this.#failure);
    // Perhaps it was made after the lookup. Its text is what it reads as for now; the next query asks again, once.
    this.#foreign.add(type);
    this.#known = false;
    return undefined;
  }

  #ask(session: Session): void {
    if (this.#known || this.#asking.has(session)) return;
    this.#asking.add(session);
    const lookup = new Execution({
      text: LOOKUP,
      parameters: encodeParameters([[...this.#wanted.keys()]]),
      simple: false,
      arrays: false,
      each: (row) => this.#entries.set((row as Entry).oid, row as Entry),
      types: registry(),
      signal: undefined,
      timeout: LOOKUP_TIMEOUT,
    });
    lookup.onEnd = () => this.#asking.delete(session);
    lookup.answer.then(
      () => (this.#known = true),
      (error: unknown) => (this.#failure = error),
    );
    lookup.start(session);
  }

  #decoder({ names, kind, element, delimiter, base, bound, attributes, attributeTypes }: Entry): ValueDecoder {
    for (const name of names ?? []) {
      const parse = this.#wanted.get(name);
      if (parse !== undefined) return (bytes, start, end) => parse(text(bytes, start, end));
    }
    const read = (type: number): ValueDecoder => this.#table.types(type).text;
    if (element !== 0) return arrayOf(read(element), delimiter?.charCodeAt(0));
    if (kind === "d") return read(base);
    if (kind === "r") return rangeOf(read(bound ?? 0));
    if (kind === "m") return multirangeOf(read(bound ?? 0));
    if (kind !== "c") return text;
    return compositeOf((attributes ?? []).map((name, index) => ({ name, decode: read(attributeTypes?.[index] ?? 0) })));
  }
}

/** Ends the session: what it would read is not what it reads later. */
class LookupError extends ProtocolError {
  constructor(cause: unknown) {
    const why = cause instanceof LandlineError ? `: ${cause.message}` : "";
    super(`the types that the client was told to read by name could not be looked up${why}`, { cause });
  }
}
