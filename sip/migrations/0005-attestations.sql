create table anchors (
  txid text not null,
  vout integer not null,
  seq bigint generated always as identity,
  doc jsonb not null,
  revoked boolean not null,
  -- `label=HMAC`, each
  marks text[] not null,
  public_key text generated always as (doc ->> 'publicKey') stored,
  set_name text generated always as (doc ->> 'set') stored,
  primary key (txid, vout)
);
create index anchors_seq on anchors (seq);
create index anchors_revoked on anchors (seq) where revoked;
create index anchors_live on anchors (public_key, set_name) where not revoked;
create index anchors_marks on anchors using gin (marks);

-- `key` is the SHA-256 of the id that wallets use.
create table issuances (
  key text primary key,
  seq bigint generated always as identity,
  doc jsonb not null,
  -- The id and the attestations, which contain people's data
  sealed jsonb not null
);
create index issuances_seq on issuances (seq);
