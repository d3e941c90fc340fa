-- Values that are made once, and then the same for every process.
create table settings (
  name text primary key,
  value text not null
);
