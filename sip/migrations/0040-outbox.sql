-- Messages that wait to be sent. One that is taken is due again later, so that none is lost with a process.
create table outbox (
  id text primary key,
  channel text not null,
  -- What it says and to whom
  sealed jsonb not null,
  until bigint not null,
  created_at bigint not null,
  due_at bigint not null,
  attempt integer not null
);
create index outbox_due on outbox (due_at);
create index outbox_created on outbox (created_at);

-- Messages that were given up, without what they said and to whom.
create table dead_letters (
  id text primary key,
  channel text not null,
  attempts integer not null,
  reason text not null,
  created_at bigint not null,
  died_at bigint not null
);
create index dead_letters_died on dead_letters (died_at);
