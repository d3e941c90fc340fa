-- The dashboard's list of requests has a length for each app: a flood at one pushes nothing of another's off
alter table activities
  add column app_id text not null generated always as (doc ->> 'appId') stored,
  add column at bigint not null generated always as ((doc ->> 'at')::bigint) stored;
create index activities_of_app on activities (app_id, seq);
create index activities_age on activities (at);
