-- Claims that somebody is to look at, with the document that shows them, all sealed. The key is the hash of the id by
-- which the wallet asks.
create table document_reviews (
  key text primary key,
  seq bigint generated always as identity,
  state text not null,
  since bigint not null,
  sealed jsonb not null
);
create index document_reviews_waiting on document_reviews (seq) where state = 'waiting';
create index document_reviews_since on document_reviews (since);
