-- The confirmed email addresses of owners of partners.
create table member_emails (
  user_id text primary key,
  -- The address
  sealed jsonb not null
);

-- The occasions that already have their one message. A name is a hash, which reveals nothing.
create table occasions (
  name text primary key,
  at bigint not null
);
create index occasions_age on occasions (at);
