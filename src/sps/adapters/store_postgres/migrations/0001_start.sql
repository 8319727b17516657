-- The first schema, table for table that of the SQLite store. Times are integer milliseconds since
-- the epoch, UTC; a JSON column holds a list, as text, so that it comes back to the byte.
-- What must never happen is refused here, so that no writer can get it wrong, not even by hand.
-- Rows disappear only together with their project: the guards let a deletion pass once the
-- project's own row is gone, which is how a cascade reaches them.

-- The texts of a JSON list, as rows.
CREATE FUNCTION members(list TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT json_array_elements_text(CAST(list AS JSON))
$$;

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION refuse_while_project_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sps.projects WHERE name = OLD.project) THEN
        RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION refuse_while_card_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sps.cards WHERE id = OLD.card_id) THEN
        RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION number_without_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (CASE WHEN NEW.card_id IS NULL THEN 0 ELSE
        (SELECT coalesce(max(seq), 0) + 1 FROM sps.events WHERE card_id = NEW.card_id) END)
    THEN
        RAISE EXCEPTION 'events of a card are numbered without gaps'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- Compared and sorted by its bytes, whatever language the database was made for.
CREATE DOMAIN string AS TEXT COLLATE "C";

CREATE TABLE projects (
    name STRING NOT NULL PRIMARY KEY,
    id STRING NOT NULL UNIQUE,
    repo STRING NOT NULL,
    branch STRING NOT NULL,
    agent STRING NOT NULL,
    sandbox STRING NOT NULL CHECK (sandbox IN ('auto', 'none')),
    identity_name STRING NOT NULL,
    identity_email STRING NOT NULL,
    created_at BIGINT NOT NULL,
    halted STRING,
    halt_detail STRING NOT NULL,
    last_seq BIGINT NOT NULL DEFAULT 0 -- highest card number ever given
);

-- The body stands last: whatever reads the columns before it need not load its pages.
CREATE TABLE cards (
    id STRING NOT NULL PRIMARY KEY,
    project STRING NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    seq BIGINT NOT NULL CHECK (seq > 0),
    state STRING NOT NULL CHECK (state IN (
        'planning', 'backlog', 'ready', 'running', 'gating', 'review', 'landing', 'needs_human',
        'done', 'dropped'
    )),
    stage STRING NOT NULL,
    attempt BIGINT NOT NULL CHECK (attempt >= 0),
    reason STRING,
    detail STRING NOT NULL,
    landed_commit STRING,
    landed_tree STRING,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    generation BIGINT NOT NULL CHECK (generation >= 0),
    worker STRING,
    not_before BIGINT NOT NULL,
    setbacks BIGINT NOT NULL CHECK (setbacks >= 0),
    base STRING,
    tip STRING,
    tree STRING,
    tree_base STRING,
    approved STRING,
    waived STRING,
    version BIGINT NOT NULL CHECK (version >= 0),
    title STRING NOT NULL,
    skills STRING NOT NULL CHECK (CAST(skills AS JSON) IS NOT NULL),
    labels STRING NOT NULL CHECK (CAST(labels AS JSON) IS NOT NULL),
    after_seqs STRING NOT NULL CHECK (CAST(after_seqs AS JSON) IS NOT NULL),
    priority BIGINT NOT NULL,
    scope STRING NOT NULL CHECK (CAST(scope AS JSON) IS NOT NULL),
    accept STRING NOT NULL CHECK (CAST(accept AS JSON) IS NOT NULL),
    hold BIGINT NOT NULL CHECK (hold IN (0, 1)),
    agent STRING,
    body STRING NOT NULL,
    UNIQUE (project, seq),
    CHECK ((landed_commit IS NULL) = (landed_tree IS NULL))
);

CREATE INDEX cards_by_project_state ON cards (project, state, seq);
CREATE INDEX cards_by_state ON cards (state, seq, project);
CREATE INDEX cards_startable ON cards (state, priority DESC, seq, project, not_before)
    WHERE state = 'ready';
CREATE INDEX cards_waiting ON cards (state, not_before) WHERE state = 'ready';

CREATE TRIGGER cards_keep_their_identity BEFORE UPDATE OF id, project, seq ON cards FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.project <> OLD.project OR NEW.seq <> OLD.seq)
EXECUTE FUNCTION refuse('a card keeps its id, project and number');

CREATE TRIGGER cards_stay_terminal BEFORE UPDATE OF state, landed_commit, landed_tree ON cards FOR EACH ROW
WHEN (OLD.state IN ('done', 'dropped') AND (
    NEW.state <> OLD.state
    OR NEW.landed_commit IS DISTINCT FROM OLD.landed_commit
    OR NEW.landed_tree IS DISTINCT FROM OLD.landed_tree
))
EXECUTE FUNCTION refuse('done and dropped are terminal');

CREATE TRIGGER cards_only_grow BEFORE UPDATE ON cards FOR EACH ROW
WHEN (NEW.version <= OLD.version OR NEW.generation < OLD.generation)
EXECUTE FUNCTION refuse('version and generation of a card only grow');

CREATE TRIGGER cards_stay BEFORE DELETE ON cards FOR EACH ROW
EXECUTE FUNCTION refuse_while_project_stands('an accepted card is never deleted');

-- The parents of each card once more as rows, so that the children of a card are found quickly.
CREATE TABLE dependencies (
    card_id STRING NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    project STRING NOT NULL,
    parent_seq BIGINT NOT NULL,
    PRIMARY KEY (card_id, parent_seq)
);

CREATE INDEX dependencies_by_parent ON dependencies (project, parent_seq);

-- run_id has no foreign key: each deleted run would have to look through all events.
CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never given twice, so that it can be a reader's bookmark
    project STRING NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    card_id STRING REFERENCES cards (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL, -- 0 without a card
    run_id STRING,
    kind STRING NOT NULL,
    at BIGINT NOT NULL,
    payload STRING NOT NULL CHECK (CAST(payload AS JSON) IS NOT NULL),
    UNIQUE (card_id, seq)
);

CREATE INDEX events_by_project ON events (project);

CREATE TRIGGER events_are_gap_free BEFORE INSERT ON events FOR EACH ROW
EXECUTE FUNCTION number_without_gap();

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events FOR EACH ROW
EXECUTE FUNCTION refuse('events are append-only');

CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW
EXECUTE FUNCTION refuse_while_project_stands('events are append-only');

CREATE TABLE runs (
    id STRING NOT NULL PRIMARY KEY,
    card_id STRING NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    project STRING NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    stage STRING NOT NULL,
    attempt BIGINT NOT NULL,
    kind STRING NOT NULL CHECK (kind IN ('work', 'review')),
    agent STRING NOT NULL,
    worker STRING NOT NULL,
    workspace STRING NOT NULL,
    started_at BIGINT NOT NULL,
    pid BIGINT NOT NULL,
    pid_started BIGINT NOT NULL,
    session_id STRING,
    ended_at BIGINT NOT NULL, -- 0 while it lives
    outcome STRING CHECK (outcome IN (
        'ended', 'failed', 'refused', 'crashed', 'protocol', 'flood', 'timeout', 'idle-timeout',
        'cancelled', 'budget', 'rate-limit', 'login-required', 'agent-missing', 'interrupted'
    )),
    detail STRING NOT NULL,
    input_tokens BIGINT,
    output_tokens BIGINT,
    total_tokens BIGINT,
    cost_usd DOUBLE PRECISION,
    UNIQUE (card_id, stage, attempt, generation),
    CHECK ((ended_at = 0) = (outcome IS NULL))
);

CREATE UNIQUE INDEX runs_one_live_per_card ON runs (card_id) WHERE ended_at = 0;

CREATE TRIGGER runs_end_once BEFORE UPDATE OF ended_at, outcome ON runs FOR EACH ROW
WHEN (OLD.ended_at <> 0)
EXECUTE FUNCTION refuse('a run ends once');

CREATE TRIGGER runs_stay BEFORE DELETE ON runs FOR EACH ROW
EXECUTE FUNCTION refuse_while_project_stands('runs are kept as long as their project');

-- Every verdict is kept; `current` marks the one that answers for its key.
CREATE TABLE gate_verdicts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card_id STRING REFERENCES cards (id) ON DELETE CASCADE,
    key STRING NOT NULL,
    current BIGINT NOT NULL CHECK (current IN (0, 1)),
    at BIGINT NOT NULL,
    name STRING NOT NULL,
    tree STRING NOT NULL,
    command STRING NOT NULL,
    ok BIGINT NOT NULL CHECK (ok IN (0, 1)),
    exit_code BIGINT,
    timed_out BIGINT NOT NULL CHECK (timed_out IN (0, 1)),
    cached BIGINT NOT NULL CHECK (cached IN (0, 1)),
    seconds DOUBLE PRECISION NOT NULL,
    log STRING NOT NULL,
    tail STRING NOT NULL
);

CREATE UNIQUE INDEX gate_verdicts_current ON gate_verdicts (key) WHERE current = 1;
CREATE INDEX gate_verdicts_by_card ON gate_verdicts (card_id);

CREATE TABLE verdicts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card_id STRING NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    decision STRING NOT NULL CHECK (decision IN ('approve', 'changes')),
    comments STRING NOT NULL CHECK (CAST(comments AS JSON) IS NOT NULL),
    author STRING NOT NULL,
    tree STRING NOT NULL,
    tip STRING NOT NULL
);

CREATE INDEX verdicts_by_card ON verdicts (card_id);

CREATE TABLE landings (
    card_id STRING NOT NULL PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    base STRING NOT NULL,
    tip STRING NOT NULL,
    tree STRING NOT NULL,
    at BIGINT NOT NULL,
    commit_id STRING,
    state STRING NOT NULL CHECK (state IN ('intent', 'gated', 'done')),
    CHECK (state <> 'done' OR commit_id IS NOT NULL)
);

CREATE TRIGGER landings_done_are_not_changed BEFORE UPDATE ON landings FOR EACH ROW
WHEN (OLD.state = 'done')
EXECUTE FUNCTION refuse('a landing that is done never changes');

CREATE TRIGGER landings_done_stay BEFORE DELETE ON landings FOR EACH ROW
WHEN (OLD.state = 'done')
EXECUTE FUNCTION refuse_while_card_stands('a landing that is done never changes');

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind STRING NOT NULL CHECK (kind IN ('start', 'cancel', 'message', 'notify', 'fallout')),
    key STRING NOT NULL,
    payload STRING NOT NULL,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT
);

CREATE UNIQUE INDEX outbox_undelivered ON outbox (kind, key) WHERE delivered_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE files (
    project STRING NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    name STRING NOT NULL,
    seq BIGINT NOT NULL, -- 0 when it never was a card
    mtime_ns BIGINT NOT NULL,
    size BIGINT NOT NULL,
    digest STRING NOT NULL,
    PRIMARY KEY (project, name)
);

CREATE TABLE file_errors (
    project STRING NOT NULL REFERENCES projects (name) ON DELETE CASCADE,
    file STRING NOT NULL,
    line_no BIGINT NOT NULL,
    column_no BIGINT NOT NULL,
    code STRING NOT NULL,
    message STRING NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (project, file)
);

CREATE TABLE breakers (
    kind STRING NOT NULL PRIMARY KEY,
    state STRING NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
    recent STRING NOT NULL CHECK (CAST(recent AS JSON) IS NOT NULL),
    opened_at BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE steps (
    workflow_id STRING NOT NULL,
    name STRING NOT NULL,
    result STRING NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workflow_id, name)
);

CREATE TABLE idempotency (
    key STRING NOT NULL PRIMARY KEY,
    body_hash STRING NOT NULL,
    response STRING NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX idempotency_by_age ON idempotency (at);

-- Emptying a table at once asks no row.
CREATE TRIGGER cards_are_not_emptied BEFORE TRUNCATE ON cards
EXECUTE FUNCTION refuse('an accepted card is never deleted');
CREATE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events
EXECUTE FUNCTION refuse('events are append-only');
CREATE TRIGGER runs_are_not_emptied BEFORE TRUNCATE ON runs
EXECUTE FUNCTION refuse('runs are kept as long as their project');
CREATE TRIGGER landings_are_not_emptied BEFORE TRUNCATE ON landings
EXECUTE FUNCTION refuse('a landing that is done never changes');

-- Who writes holds this, so that writers queue up as they do at a file, and events are numbered in
-- the order in which they can be seen: a number is a reader's bookmark.
CREATE TABLE turn ();
