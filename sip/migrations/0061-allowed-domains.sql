-- The server looks up each requesting page in the allowed domains of all apps.
create index apps_whitelist on apps using gin ((doc -> 'whitelist'));
