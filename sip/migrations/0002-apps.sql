-- In every table of the server: `doc` is what is stored in clear, without the fields that are sealed. `sealed` has those
-- by name, each for only this row and column. Columns that are looked up, or compared in a statement, derive from `doc`.
-- Times are milliseconds since the epoch.

create table apps (
  app_id text primary key,
  seq bigint generated always as identity,
  doc jsonb not null,
  -- Newest first, without their secrets
  credentials jsonb not null,
  -- Key id to app secret
  sealed jsonb not null
);
create index apps_seq on apps (seq);
