-- Few apps have credentials that end; the sweep reads no others.
create index apps_ending on apps (app_id) where jsonb_path_exists(credentials, '$[*].endsAt');
