-- What rate-limiter-flexible counts. A key is an HMAC: it holds no address.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
