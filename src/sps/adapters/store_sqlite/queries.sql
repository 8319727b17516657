-- The statements that are SQLite's own: a name, one sentence, the statement. The others are shared.
-- INDEXED BY stands where the planner, which knows no numbers, would read more rows than needed.

-- name: remove_project_steps
-- Forget the journal of a project's workflows, whose ids start with the id of a card.
DELETE FROM steps WHERE substr(workflow_id, 1, instr(workflow_id, ':') - 1) IN (
    SELECT id FROM cards WHERE project = :name
)

-- name: remove_project_messages
-- Take back what would start or talk to a project's workflows and agents; cancellations still go out.
DELETE FROM outbox WHERE delivered_at IS NULL AND (
    kind = 'start' AND substr(key, 1, instr(key, ':') - 1) IN (SELECT id FROM cards WHERE project = :name)
    OR kind = 'message' AND key IN (
        SELECT id FROM cards WHERE project = :name UNION ALL SELECT id FROM runs WHERE project = :name
    )
)

-- name: next_seq
-- Give the next card number.
UPDATE projects SET last_seq = 1 + max(
    last_seq, :floor, (SELECT coalesce(max(seq), 0) FROM cards WHERE project = :project)
) WHERE name = :project RETURNING last_seq

-- name: note_seq
-- Remember a card number that came from a file.
UPDATE projects SET last_seq = max(last_seq, :seq) WHERE name = :project

-- name: file_numbers
-- Which file of a project holds which card, as one JSON object: ten thousand rows take six times as long.
SELECT json_group_object(name, seq) FROM files WHERE project = :project

-- name: cards
-- A page of the cards of all projects.
SELECT * FROM cards WHERE rowid IN (
    SELECT rowid FROM cards INDEXED BY cards_by_state
    WHERE seq > :after_seq ORDER BY seq, project LIMIT :limit
) ORDER BY seq, project

-- name: cards_in_states
-- A page of the cards of all projects in some states.
SELECT * FROM cards WHERE rowid IN (
    SELECT rowid FROM cards INDEXED BY cards_by_state
    WHERE state IN (SELECT value FROM json_each(:states)) AND seq > :after_seq
    ORDER BY seq, project LIMIT :limit
) ORDER BY seq, project

-- name: cards_of_project_in_states
-- A page of the cards of a project in some states, chosen in the index before a row is read.
SELECT * FROM cards WHERE rowid IN (
    SELECT rowid FROM cards INDEXED BY cards_by_project_state
    WHERE project = :project AND state IN (SELECT value FROM json_each(:states)) AND seq > :after_seq
    ORDER BY seq LIMIT :limit
) ORDER BY seq

-- name: found
-- A window of a board's column: cards in some states that have all the labels and words.
SELECT * FROM cards WHERE rowid IN (
    SELECT c.rowid FROM cards AS c INDEXED BY cards_by_project_state
    WHERE c.project = :project AND c.state IN (SELECT value FROM json_each(:states)) AND c.seq >= :start
    AND c.state || '/' || c.stage NOT IN (SELECT value FROM json_each(:without))
    AND (
        c.state || '/' || c.stage IN (SELECT value FROM json_each(:within))
        OR c.state NOT IN (SELECT value FROM json_each(:partly))
    )
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:labels) AS w
        WHERE w.value NOT IN (SELECT lower(l.value) FROM json_each(c.labels) AS l)
    ) AND NOT EXISTS (
        SELECT 1 FROM json_each(:words) AS w
        WHERE instr(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
    )
    ORDER BY c.seq LIMIT :limit
) ORDER BY seq

-- name: found_newest
-- The same from the highest number down.
SELECT * FROM cards WHERE rowid IN (
    SELECT c.rowid FROM cards AS c INDEXED BY cards_by_project_state
    WHERE c.project = :project AND c.state IN (SELECT value FROM json_each(:states)) AND c.seq <= :start
    AND c.state || '/' || c.stage NOT IN (SELECT value FROM json_each(:without))
    AND (
        c.state || '/' || c.stage IN (SELECT value FROM json_each(:within))
        OR c.state NOT IN (SELECT value FROM json_each(:partly))
    )
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:labels) AS w
        WHERE w.value NOT IN (SELECT lower(l.value) FROM json_each(c.labels) AS l)
    ) AND NOT EXISTS (
        SELECT 1 FROM json_each(:words) AS w
        WHERE instr(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
    )
    ORDER BY c.seq DESC LIMIT :limit
) ORDER BY seq DESC

-- name: found_counts
-- How many cards of a project have all the labels and words, by state.
SELECT c.state, count(*) AS number FROM cards AS c INDEXED BY cards_by_project_state
WHERE c.project = :project AND c.state IN (SELECT value FROM json_each(:states))
AND c.state || '/' || c.stage NOT IN (SELECT value FROM json_each(:without))
AND (
    c.state || '/' || c.stage IN (SELECT value FROM json_each(:within))
    OR c.state NOT IN (SELECT value FROM json_each(:partly))
)
AND NOT EXISTS (
    SELECT 1 FROM json_each(:labels) AS w
    WHERE w.value NOT IN (SELECT lower(l.value) FROM json_each(c.labels) AS l)
) AND NOT EXISTS (
    SELECT 1 FROM json_each(:words) AS w
    WHERE instr(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
)
GROUP BY c.state

-- name: last_landed
-- The card of a project that landed last.
SELECT * FROM cards INDEXED BY cards_by_project_state
WHERE project = :project AND state = 'done' AND landed_commit IS NOT NULL
ORDER BY updated_at DESC, seq DESC LIMIT 1

-- name: resting
-- Cards that may wait for a person, the one that has stood longest first, chosen in the index.
SELECT * FROM cards INDEXED BY cards_at_rest
WHERE state IN ('needs_human', 'review', 'landing') AND (
    state IN (SELECT value FROM json_each(:states)) OR reason IN (SELECT value FROM json_each(:reasons))
)
ORDER BY updated_at, project, seq LIMIT :limit

-- name: resting_counts
-- How many cards may wait for a person, by what they wait for, from the index alone.
SELECT project, state, coalesce(reason, '') AS reason, count(*) AS number FROM cards INDEXED BY cards_at_rest
WHERE state IN ('needs_human', 'review', 'landing') GROUP BY 1, 2, 3

-- name: cards_with_skill
-- Cards in some states that name a skill, the ones that changed last first.
SELECT * FROM cards
WHERE state IN (SELECT value FROM json_each(:states)) AND :name IN (SELECT value FROM json_each(skills))
ORDER BY updated_at DESC, project, seq LIMIT :limit

-- name: still
-- How many cards in some states have not changed after a time and give no reason.
SELECT count(*) AS number FROM cards
WHERE state IN (SELECT value FROM json_each(:states)) AND updated_at <= :since AND reason IS NULL

-- name: gates_ran
-- The newest gate events of a project with their cards' numbers, newest first.
SELECT e.*, c.seq AS number
FROM events AS e INDEXED BY events_of_gates CROSS JOIN cards AS c ON c.id = e.card_id
WHERE e.project = :project AND e.kind = 'gate.ran' ORDER BY e.id DESC LIMIT :limit

-- name: startable
-- Cards that may start now, the most urgent first.
SELECT c.* FROM cards AS c INDEXED BY cards_startable CROSS JOIN projects AS p ON p.name = c.project
WHERE c.state = 'ready' AND c.not_before <= :now AND p.halted IS NULL
ORDER BY c.priority DESC, c.seq, c.project LIMIT :limit

-- name: startable_of
-- Cards of one project that may start now, the most urgent first.
SELECT * FROM cards INDEXED BY cards_startable_of
WHERE project = :project AND state = 'ready' AND not_before <= :now
ORDER BY priority DESC, seq LIMIT :limit

-- name: children
-- Open cards that wait for a card.
SELECT c.* FROM dependencies AS d CROSS JOIN cards AS c ON c.id = d.card_id
WHERE d.project = :project AND d.parent_seq = :seq AND c.state NOT IN ('done', 'dropped')
ORDER BY c.seq

-- name: add_parents
-- Record the parents of a card, each once.
INSERT OR IGNORE INTO dependencies (card_id, project, parent_seq)
SELECT :card_id, :project, value FROM json_each(:after_seqs)

-- name: outbox
-- Undelivered messages, oldest first.
SELECT * FROM outbox INDEXED BY outbox_undelivered
WHERE delivered_at IS NULL AND (:kind IS NULL OR kind = :kind) AND (:key IS NULL OR key = :key)
ORDER BY id

-- name: file_stamps_of
-- Some card files of a project as last read.
SELECT * FROM files
WHERE project = :project AND name IN (SELECT value FROM json_each(:names))

-- name: spent_by
-- What the runs of each of some cards have cost.
SELECT
    card_id, CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(total_tokens) AS BIGINT) AS total_tokens, sum(cost_usd) AS cost_usd
FROM runs WHERE card_id IN (SELECT value FROM json_each(:cards)) GROUP BY card_id

-- name: gates_by
-- The verdicts on the newest judged tree of each of some cards, oldest first, without their output.
SELECT g.card_id, g.name, g.ok FROM gate_verdicts AS g
WHERE g.card_id IN (SELECT value FROM json_each(:cards)) AND g.tree = (
    SELECT n.tree FROM gate_verdicts AS n WHERE n.card_id = g.card_id ORDER BY n.id DESC LIMIT 1
) ORDER BY g.id

-- name: workers
-- Who works, or did, and how many milliseconds its lease has left by the database's clock.
SELECT id, role, host, pid, started_at, vaults, expires_at - CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS left_ms
FROM workers ORDER BY started_at, id

-- name: take_seat
-- Take a seat of a project, if the living hold fewer than there are for cards that are at work.
INSERT INTO seats (card_id, project, worker)
SELECT CAST(:card_id AS TEXT), CAST(:project AS TEXT), CAST(:worker AS TEXT)
WHERE :most > (
    SELECT count(*) FROM seats AS s JOIN workers AS w ON w.id = s.worker
    JOIN cards AS c ON c.id = s.card_id AND c.worker = s.worker AND c.state IN ('running', 'review')
    WHERE s.project = CAST(:project AS TEXT) AND s.card_id <> CAST(:card_id AS TEXT)
    AND w.expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
)
ON CONFLICT (card_id) DO UPDATE SET worker = excluded.worker
