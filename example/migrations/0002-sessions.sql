-- connect-pg-simple's table; timestamptz, so that sessions expire at the same moment in every time zone
create table sessions (
  sid text primary key,
  sess json not null,
  expire timestamptz not null
);
create index on sessions (expire);
-- For ending all sessions of an account
create index on sessions ((sess #>> '{passport,user}'));
