-- Issuances contain people's data, so they are deleted after their owner had time to fetch them. Those from before this
-- version are deleted 30 days from now.
alter table issuances add column until bigint generated always as ((doc ->> 'until')::bigint) stored;
create index issuances_until on issuances (until) where until is not null;
update issuances
  set doc = jsonb_set(doc, '{until}', to_jsonb((extract(epoch from now()) * 1000)::bigint + 2592000000))
  where doc ->> 'state' = 'attested';
