-- The logo that a live app is to have: empty for none, null for the one that it has
alter table reviews add column logo text;
