-- Machines that share one board. A worker lives while its lease does; a seat is an agent at work,
-- counted over all of them; a pipeline is what the home has put in force, for those without its files.

CREATE TABLE workers (
    id TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('home', 'worker')),
    instance TEXT NOT NULL, -- of the same name only one process can live
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, -- by the clock of the database
    vaults TEXT NOT NULL -- of the home: where others fetch from and push to
) STRICT;

CREATE TABLE seats (
    card_id TEXT NOT NULL PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    project TEXT NOT NULL,
    worker TEXT NOT NULL
) STRICT;

CREATE TABLE pipelines (
    project TEXT NOT NULL PRIMARY KEY REFERENCES projects (name) ON DELETE CASCADE,
    content TEXT NOT NULL
) STRICT;
