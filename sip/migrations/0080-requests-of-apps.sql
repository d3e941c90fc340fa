-- The dashboard's list of requests has a length for each app, so that no app pushes another's requests off it
alter table activities
  add column app_id text not null generated always as (doc ->> 'appId') stored,
  add column at bigint not null generated always as ((doc ->> 'at')::bigint) stored;
create index activities_of_app on activities (app_id, seq);
create index activities_age on activities (at);
