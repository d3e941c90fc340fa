-- Trees that wait to be anchored. The key is the hash of the issuance's id, which is a secret and sealed.
create table anchoring_queue (
  key text primary key,
  seq bigint generated always as identity,
  sealed jsonb not null,
  since bigint not null,
  is_alone boolean not null default false
);
create index anchoring_queue_order on anchoring_queue (is_alone, seq);
create index anchoring_queue_since on anchoring_queue (since);

-- Pending transactions, until they have enough confirmations. They name issuances, so they are sealed.
create table sendings (
  id text primary key,
  seq bigint generated always as identity,
  sealed jsonb not null
);
create index sendings_seq on sendings (seq);
