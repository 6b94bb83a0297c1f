// The tables of schema.prisma, in a schema of Postgres of their own.

/** @param schema a word. */
export function tables(schema: string): string {
  return `
create schema ${schema};
set local search_path = ${schema};
create type "Role" as enum ('USER', 'the admin');
create table "User" (id serial primary key, email text not null unique, name text, role "Role" not null default 'USER',
  made timestamp(3) not null default current_timestamp);
create table "Profile" (id serial primary key, bio varchar(20) not null,
  "userId" int not null unique references "User" on delete cascade);
create table "Post" (id serial primary key, title text not null, published bool not null default false,
  likes int not null default 0 check (likes >= 0), "authorId" int not null references "User" on delete restrict);
create table "Tag" (id serial primary key, name text not null unique);
create table "_PostToTag" ("A" int not null references "Post" on delete cascade,
  "B" int not null references "Tag" on delete cascade, primary key ("A", "B"));
create table "Kinds" (id int primary key, int int, small int2, oid oid, big int8, float float8, real float4,
  "decimal" numeric(40, 10), money money, bool bool, string text, "char" char(4), "varchar" varchar(9), uuid uuid,
  inet inet, "bit" bit(3), xml xml, bytes bytea, json json, jsonb jsonb, role "Role", date date, "time" time(3),
  timetz timetz(3), stamp timestamp(3), stamptz timestamptz(3), ints int[], bigs int8[], floats float8[],
  decimals numeric[], bools bool[], strings text[], uuids uuid[], byteses bytea[], jsons jsonb[], roles "Role"[],
  dates date[], times time(3)[], stamps timestamp(3)[], stamptzs timestamptz(3)[]);
`;
}
