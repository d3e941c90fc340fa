-- Where owners of partners get mail, once they have confirmed the address.
create table member_emails (
  user_id text primary key,
  -- The address
  sealed jsonb not null
);

-- What messages were kept for, where there is to be one of a kind. A name is a hash: it tells nobody anything.
create table occasions (
  name text primary key,
  at bigint not null
);
create index occasions_age on occasions (at);
