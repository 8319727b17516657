-- Machines that share one board. A worker lives while its lease does; a seat is an agent at work,
-- counted over all of them; a pipeline is what the home has put in force, for those without its files.

CREATE TABLE workers (
    id STRING NOT NULL PRIMARY KEY,
    role STRING NOT NULL CHECK (role IN ('home', 'worker')),
    instance STRING NOT NULL, -- of the same name only one process can live
    host STRING NOT NULL,
    pid BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- by the clock of the database
    vaults STRING NOT NULL -- of the home: where others fetch from and push to
);

CREATE TABLE seats (
    card_id STRING NOT NULL PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    project STRING NOT NULL,
    worker STRING NOT NULL
);

CREATE TABLE pipelines (
    project STRING NOT NULL PRIMARY KEY REFERENCES projects (name) ON DELETE CASCADE,
    content STRING NOT NULL
);

-- Which folder is the home: it alone reads card files, admits and lands.
CREATE TABLE home (
    one BOOLEAN NOT NULL PRIMARY KEY CHECK (one),
    id STRING NOT NULL
);

-- One clock for all machines.
CREATE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
    SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)
$$;

-- Who committed and did not hear the answer looks for its token here; old ones are dropped.
CREATE TABLE commits (
    token STRING NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX commits_by_age ON commits (at);

CREATE FUNCTION leave_token(mine TEXT) RETURNS void LANGUAGE sql AS $$
    DELETE FROM sps.commits WHERE mine LIKE '00%' AND at < sps.now_ms() - 3600000;
    INSERT INTO sps.commits (token, at) VALUES (mine, sps.now_ms())
$$;
