-- The first schema. Times are integer milliseconds since the epoch, UTC; a JSON column holds a list.
-- What must never happen is refused here, so that no writer can get it wrong, not even by hand.
-- Rows disappear only together with their project: the guards let a deletion pass once the
-- project's own row is gone, which is how a cascade reaches them.

CREATE TABLE projects (
    name TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    repo TEXT NOT NULL,
    branch TEXT NOT NULL,
    agent TEXT NOT NULL,
    sandbox TEXT NOT NULL CHECK (sandbox IN ('auto', 'none')),
    identity_name TEXT NOT NULL,
    identity_email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    halted TEXT,
    halt_detail TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0 -- highest card number ever given
) STRICT;

-- The body stands last: whatever reads the columns before it need not load its pages.
CREATE TABLE cards (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    state TEXT NOT NULL CHECK (state IN (
        'planning', 'backlog', 'ready', 'running', 'gating', 'review', 'landing', 'needs_human',
        'done', 'dropped'
    )),
    stage TEXT NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    reason TEXT,
    detail TEXT NOT NULL,
    landed_commit TEXT,
    landed_tree TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    worker TEXT,
    not_before INTEGER NOT NULL,
    setbacks INTEGER NOT NULL CHECK (setbacks >= 0),
    base TEXT,
    tip TEXT,
    tree TEXT,
    tree_base TEXT,
    approved TEXT,
    waived TEXT,
    version INTEGER NOT NULL CHECK (version >= 0),
    title TEXT NOT NULL,
    skills TEXT NOT NULL CHECK (json_valid(skills)),
    labels TEXT NOT NULL CHECK (json_valid(labels)),
    after_seqs TEXT NOT NULL CHECK (json_valid(after_seqs)),
    priority INTEGER NOT NULL,
    scope TEXT NOT NULL CHECK (json_valid(scope)),
    accept TEXT NOT NULL CHECK (json_valid(accept)),
    hold INTEGER NOT NULL CHECK (hold IN (0, 1)),
    agent TEXT,
    body TEXT NOT NULL,
    UNIQUE (project, seq),
    CHECK ((landed_commit IS NULL) = (landed_tree IS NULL))
) STRICT;

CREATE INDEX cards_by_project_state ON cards (project, state, seq);
CREATE INDEX cards_by_state ON cards (state, seq, project);
CREATE INDEX cards_startable ON cards (state, priority DESC, seq, project, not_before)
    WHERE state = 'ready';
CREATE INDEX cards_waiting ON cards (state, not_before) WHERE state = 'ready';

CREATE TRIGGER cards_are_not_replaced BEFORE INSERT ON cards
WHEN EXISTS (SELECT 1 FROM cards WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM cards WHERE project = NEW.project AND seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'a card with this id or number exists');
END;

CREATE TRIGGER cards_keep_their_identity BEFORE UPDATE OF id, project, seq ON cards
WHEN NEW.id IS NOT OLD.id OR NEW.project IS NOT OLD.project OR NEW.seq IS NOT OLD.seq
BEGIN
    SELECT RAISE(ABORT, 'a card keeps its id, project and number');
END;

CREATE TRIGGER cards_stay_terminal BEFORE UPDATE OF state, landed_commit, landed_tree ON cards
WHEN OLD.state IN ('done', 'dropped') AND (
    NEW.state IS NOT OLD.state
    OR NEW.landed_commit IS NOT OLD.landed_commit
    OR NEW.landed_tree IS NOT OLD.landed_tree
)
BEGIN
    SELECT RAISE(ABORT, 'done and dropped are terminal');
END;

CREATE TRIGGER cards_only_grow BEFORE UPDATE ON cards
WHEN NEW.version <= OLD.version OR NEW.generation < OLD.generation
BEGIN
    SELECT RAISE(ABORT, 'version and generation of a card only grow');
END;

CREATE TRIGGER cards_stay BEFORE DELETE ON cards
WHEN EXISTS (SELECT 1 FROM projects WHERE name = OLD.project)
BEGIN
    SELECT RAISE(ABORT, 'an accepted card is never deleted');
END;

-- The parents of each card once more as rows, so that the children of a card are found quickly.
CREATE TABLE dependencies (
    card_id TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    project TEXT NOT NULL,
    parent_seq INTEGER NOT NULL,
    PRIMARY KEY (card_id, parent_seq)
) STRICT;

CREATE INDEX dependencies_by_parent ON dependencies (project, parent_seq);

-- run_id has no foreign key: each deleted run would have to look through all events.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, so that it can be a reader's bookmark
    project TEXT NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    card_id TEXT REFERENCES cards (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL, -- 0 without a card
    run_id TEXT,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    UNIQUE (card_id, seq)
) STRICT;

CREATE INDEX events_by_project ON events (project);

CREATE TRIGGER events_are_gap_free BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
    OR NEW.seq <> CASE WHEN NEW.card_id IS NULL THEN 0 ELSE
        (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE card_id = NEW.card_id) END
BEGIN
    SELECT RAISE(ABORT, 'events of a card are numbered without gaps');
END;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TRIGGER events_stay BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM projects WHERE name = OLD.project)
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    project TEXT NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    stage TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('work', 'review')),
    agent TEXT NOT NULL,
    worker TEXT NOT NULL,
    workspace TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    pid_started INTEGER NOT NULL,
    session_id TEXT,
    ended_at INTEGER NOT NULL, -- 0 while it lives
    outcome TEXT CHECK (outcome IN (
        'ended', 'failed', 'refused', 'crashed', 'protocol', 'flood', 'timeout', 'idle-timeout',
        'cancelled', 'budget', 'rate-limit', 'login-required', 'agent-missing', 'interrupted'
    )),
    detail TEXT NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    total_tokens INTEGER,
    cost_usd REAL,
    UNIQUE (card_id, stage, attempt, generation),
    CHECK ((ended_at = 0) = (outcome IS NULL))
) STRICT;

CREATE UNIQUE INDEX runs_one_live_per_card ON runs (card_id) WHERE ended_at = 0;

CREATE TRIGGER runs_are_not_replaced BEFORE INSERT ON runs
WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.id)
    OR NEW.ended_at = 0
    AND EXISTS (SELECT 1 FROM runs WHERE card_id = NEW.card_id AND ended_at = 0)
    OR EXISTS (
        SELECT 1 FROM runs WHERE card_id = NEW.card_id AND stage = NEW.stage
            AND attempt = NEW.attempt AND generation = NEW.generation
    )
BEGIN
    SELECT RAISE(ABORT, 'this run exists, or another run of the card is alive');
END;

CREATE TRIGGER runs_end_once BEFORE UPDATE OF ended_at, outcome ON runs
WHEN OLD.ended_at <> 0
BEGIN
    SELECT RAISE(ABORT, 'a run ends once');
END;

CREATE TRIGGER runs_stay BEFORE DELETE ON runs
WHEN EXISTS (SELECT 1 FROM projects WHERE name = OLD.project)
BEGIN
    SELECT RAISE(ABORT, 'runs are kept as long as their project');
END;

-- Every verdict is kept; `current` marks the one that answers for its key.
CREATE TABLE gate_verdicts (
    id INTEGER PRIMARY KEY,
    card_id TEXT REFERENCES cards (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    tree TEXT NOT NULL,
    command TEXT NOT NULL,
    ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
    exit_code INTEGER,
    timed_out INTEGER NOT NULL CHECK (timed_out IN (0, 1)),
    cached INTEGER NOT NULL CHECK (cached IN (0, 1)),
    seconds REAL NOT NULL,
    log TEXT NOT NULL,
    tail TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX gate_verdicts_current ON gate_verdicts (key) WHERE current = 1;
CREATE INDEX gate_verdicts_by_card ON gate_verdicts (card_id);

CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'changes')),
    comments TEXT NOT NULL CHECK (json_valid(comments)),
    author TEXT NOT NULL,
    tree TEXT NOT NULL,
    tip TEXT NOT NULL
) STRICT;

CREATE INDEX verdicts_by_card ON verdicts (card_id);

CREATE TABLE landings (
    card_id TEXT NOT NULL PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    base TEXT NOT NULL,
    tip TEXT NOT NULL,
    tree TEXT NOT NULL,
    at INTEGER NOT NULL,
    commit_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('intent', 'gated', 'done')),
    CHECK (state <> 'done' OR commit_id IS NOT NULL)
) STRICT;

CREATE TRIGGER landings_done_are_not_replaced BEFORE INSERT ON landings
WHEN EXISTS (SELECT 1 FROM landings WHERE card_id = NEW.card_id AND state = 'done')
BEGIN
    SELECT RAISE(ABORT, 'a landing that is done never changes');
END;

CREATE TRIGGER landings_done_are_not_changed BEFORE UPDATE ON landings
WHEN OLD.state = 'done'
BEGIN
    SELECT RAISE(ABORT, 'a landing that is done never changes');
END;

CREATE TRIGGER landings_done_stay BEFORE DELETE ON landings
WHEN OLD.state = 'done' AND EXISTS (SELECT 1 FROM cards WHERE id = OLD.card_id)
BEGIN
    SELECT RAISE(ABORT, 'a landing that is done never changes');
END;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('start', 'cancel', 'message', 'notify', 'fallout')),
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER
) STRICT;

CREATE UNIQUE INDEX outbox_undelivered ON outbox (kind, key) WHERE delivered_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE files (
    project TEXT NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL, -- 0 when it never was a card
    mtime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (project, name)
) STRICT;

CREATE TABLE file_errors (
    project TEXT NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    file TEXT NOT NULL,
    line_no INTEGER NOT NULL,
    column_no INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (project, file)
) STRICT;

CREATE TABLE breakers (
    kind TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
    recent TEXT NOT NULL CHECK (json_valid(recent)),
    opened_at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE steps (
    workflow_id TEXT NOT NULL,
    name TEXT NOT NULL,
    result TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (workflow_id, name)
) STRICT;

CREATE TABLE idempotency (
    key TEXT NOT NULL PRIMARY KEY,
    body_hash TEXT NOT NULL,
    response TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_by_age ON idempotency (at);
