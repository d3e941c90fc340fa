-- A userId identifies a person at one provider: the same 64 digits from a SIP and from a wallet are two identities.
alter table identities add column provider text not null default 'civic';
alter table identities alter column provider drop default;
alter table identities drop constraint identities_pkey;
alter table identities add primary key (provider, user_id);
