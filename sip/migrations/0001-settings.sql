-- Values that are made once, and the same for every process ever after.
create table settings (
  name text primary key,
  value text not null
);
