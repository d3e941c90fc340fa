-- Random keys that are made at the first start and stay, such as the attester's seed.
create table kept_secrets (
  name text primary key,
  sealed jsonb not null
);

-- The key pairs that sign SIP's tokens, by public key. All of them are published.
create table signing_keys (
  pub_key text primary key,
  state text not null check (state in ('current', 'next', 'previous')),
  -- When it was published, and when it became the current one
  created_at bigint not null,
  activated_at bigint,
  sealed jsonb not null
);
create unique index signing_keys_state on signing_keys (state);

-- The progress of re-sealing, by table.
create table resealing (
  table_name text primary key,
  -- The id of the secret that seals
  key_id text not null,
  last_row text not null
);
