-- The counters of rate-limiter-flexible. A key is an HMAC, and contains no address.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
