-- What follows when a card is handed to a person is owed through the outbox, too.

CREATE TABLE outbox_next (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('start', 'cancel', 'message', 'notify', 'fallout')),
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER
) STRICT;

INSERT INTO outbox_next (id, kind, key, payload, created_at, delivered_at)
SELECT id, kind, key, payload, created_at, delivered_at FROM outbox;

DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;

CREATE UNIQUE INDEX outbox_undelivered ON outbox (kind, key) WHERE delivered_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
