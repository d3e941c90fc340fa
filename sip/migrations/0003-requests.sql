-- The number of rows of limited tables, so that no query has to count them.
create table counts (
  name text primary key,
  n bigint not null
);

create table requests (
  uuid text primary key,
  doc jsonb not null,
  -- The one-time private key, the grant, its code, its confirm code, the return URL
  sealed jsonb not null,
  -- SHA-256 of the code
  code_hash text,
  -- Counter to the owners of the claimed slots
  slots jsonb not null default '{}',
  -- Found only by its code
  forgotten boolean not null default false,
  state text generated always as (doc ->> 'state') stored,
  deadline bigint generated always as ((doc ->> 'deadline')::numeric::bigint) stored,
  code_until bigint generated always as ((doc ->> 'codeUntil')::numeric::bigint) stored
);
create unique index requests_code on requests (code_hash) where code_hash is not null;
create index requests_deadline on requests (deadline) where not forgotten;
create index requests_code_until on requests (code_until) where forgotten;
