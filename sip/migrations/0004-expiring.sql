-- Large payloads that wait to be fetched. `key` is the SHA-256 of their id, which allows fetching them.
create table payloads (
  key text primary key,
  sealed jsonb not null,
  deadline bigint not null
);
create index payloads_deadline on payloads (deadline);

-- Trees that wait to be signed, in the same form. They contain people's data.
create table unsigned_trees (
  key text primary key,
  sealed jsonb not null,
  deadline bigint not null
);
create index unsigned_trees_deadline on unsigned_trees (deadline);

-- Codes that were sent to addresses. `name` is an HMAC of the address and key, `code` of the code for them.
create table codes (
  name text primary key,
  code text not null,
  guesses integer not null default 0,
  used boolean not null default false,
  deadline bigint not null
);
create index codes_deadline on codes (deadline);

-- The number of requested codes. `name` is an HMAC.
create table counters (
  name text primary key,
  count bigint not null,
  until bigint not null
);
create index counters_until on counters (until);
