-- Values that are pinned at first use, and the key, which is sealed.
create table cosigner_settings (
  name text primary key,
  value text not null
);

-- Evidence that was given, by its hash. It can be used once.
create table cosigner_proofs (
  proof text primary key,
  at bigint not null,
  is_used boolean not null
);
create index cosigner_proofs_unused on cosigner_proofs (at) where not is_used;

-- Signed anchors, by the subject's hash: another transaction for it must spend the same output.
create table cosigner_anchors (
  subject text primary key,
  outpoint text not null
);

-- Recent signatures.
create table cosigner_signings (
  at bigint not null,
  anchors integer not null,
  fee bigint not null
);
create index cosigner_signings_at on cosigner_signings (at);
