create table activities (
  id text primary key,
  seq bigint generated always as identity,
  doc jsonb not null,
  -- Oldest first
  timeline jsonb not null
);
create index activities_seq on activities (seq);
