create table accounts (
  id uuid primary key,
  created_at timestamptz not null default now()
);

-- An identity that logs in to an account. The primary key keeps it to one account, even with simultaneous requests.
create table identities (
  user_id text primary key,
  -- Deferred, so that the insert that decides the owner of the identity can come before that of a new account
  account_id uuid not null references accounts on delete cascade deferrable initially deferred,
  linked_at timestamptz not null default now(),
  -- Email and phone as Civic last sent them: label, value, isValid, isOwner
  contacts jsonb not null default '[]',
  -- What documents proved, and when; the documents are not stored
  is_adult boolean,
  age_proved_at timestamptz,
  identity_proved_at timestamptz
);
create index on identities (account_id);

create table events (
  id bigint generated always as identity primary key,
  account_id uuid not null references accounts on delete cascade,
  kind text not null,
  user_id text not null,
  ip text not null,
  happened_at timestamptz not null default now()
);
create index on events (account_id, happened_at);
