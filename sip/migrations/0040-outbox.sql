-- Messages that wait to be sent. A taken message is due again later, so that none is lost if a process dies.
create table outbox (
  id text primary key,
  channel text not null,
  -- Its text and recipient
  sealed jsonb not null,
  until bigint not null,
  created_at bigint not null,
  due_at bigint not null,
  attempt integer not null
);
create index outbox_due on outbox (due_at);
create index outbox_created on outbox (created_at);

-- Messages that were given up, without their text and recipient.
create table dead_letters (
  id text primary key,
  channel text not null,
  attempts integer not null,
  reason text not null,
  created_at bigint not null,
  died_at bigint not null
);
create index dead_letters_died on dead_letters (died_at);
