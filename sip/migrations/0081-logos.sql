-- The new logo of the live app: empty for no logo, null for the current one
alter table reviews add column logo text;
