-- What is attested holds people's data: it goes once its owner had the time to fetch it. What was attested before this
-- version goes 30 days from now.
alter table issuances add column until bigint generated always as ((doc ->> 'until')::bigint) stored;
create index issuances_until on issuances (until) where until is not null;
update issuances
  set doc = jsonb_set(doc, '{until}', to_jsonb((extract(epoch from now()) * 1000)::bigint + 2592000000))
  where doc ->> 'state' = 'attested';
