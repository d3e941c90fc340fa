-- The partners' side: organisations, people, what they may do and did. Times are milliseconds since the epoch.

create table partners (
  id text primary key,
  name text not null,
  created_at bigint not null
);
create index partners_created on partners (created_at, id);

create table members (
  partner_id text not null references partners on delete cascade,
  user_id text not null,
  name text not null,
  role text not null check (role in ('OWNER', 'ADMIN', 'DEVELOPER', 'OPERATOR', 'REVIEWER')),
  joined_at bigint not null,
  primary key (partner_id, user_id)
);
create index members_of_person on members (user_id);

-- A row is deleted when its invite is spent, withdrawn or over
create table invites (
  token_hash text primary key,
  id text not null,
  partner_id text references partners on delete cascade,
  role text not null,
  created_at bigint not null,
  expires_at bigint not null
);
create index invites_of_partner on invites (partner_id);
create index invites_expiry on invites (expires_at);

create table sessions (
  id text primary key,
  user_id text not null,
  created_at bigint not null,
  expires_at bigint not null,
  act jsonb,
  act_request text,
  approved text,
  approved_at bigint
);
create index sessions_of_person on sessions (user_id);
create index sessions_expiry on sessions (expires_at);

create table audit (
  id bigint generated always as identity primary key,
  at bigint not null,
  partner_id text,
  user_id text,
  who text not null,
  what text not null,
  app_id text,
  detail text
);
create index audit_of_partner on audit (partner_id, id);
create index audit_age on audit (at);

-- Entries are added, and deleted when they are old. They never change
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end
$$;
create trigger audit_append_only before update on audit for each row execute function audit_is_append_only();

create table domain_proofs (
  app_id text not null,
  host text not null,
  value text not null,
  waiting jsonb not null,
  proved_at bigint,
  next_check_at bigint,
  lost_at bigint,
  primary key (app_id, host)
);
create index domain_proofs_due on domain_proofs (next_check_at) where next_check_at is not null;

create table reviews (
  app_id text primary key,
  partner_id text not null,
  live boolean not null,
  name text,
  scopes jsonb not null,
  asked_at bigint not null,
  asked_by text not null,
  refusal text
);
create index reviews_waiting on reviews (asked_at) where refusal is null;

-- Sealed records of the dashboard's own logins (passport-civic-sip/direct)
create table direct_records (
  key text primary key,
  value text not null,
  expires_at bigint not null
);
create index direct_records_expiry on direct_records (expires_at);
