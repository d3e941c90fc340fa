-- Each page that asks is looked up among the allowed domains of all apps.
create index apps_whitelist on apps using gin ((doc -> 'whitelist'));
