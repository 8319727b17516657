-- The statements that are PostgreSQL's own: a name, one sentence, the statement. The others are
-- shared.

-- name: remove_project_steps
-- Forget the journal of a project's workflows, whose ids start with the id of a card.
DELETE FROM steps WHERE split_part(workflow_id, ':', 1) IN (
    SELECT id FROM cards WHERE project = :name
)

-- name: remove_project_messages
-- Take back what would start or talk to a project's workflows and agents; cancellations still go out.
DELETE FROM outbox WHERE delivered_at IS NULL AND (
    kind = 'start' AND split_part(key, ':', 1) IN (SELECT id FROM cards WHERE project = :name)
    OR kind = 'message' AND key IN (
        SELECT id FROM cards WHERE project = :name UNION ALL SELECT id FROM runs WHERE project = :name
    )
)

-- name: next_seq
-- Give the next card number.
UPDATE projects SET last_seq = 1 + greatest(
    last_seq, :floor, (SELECT coalesce(max(seq), 0) FROM cards WHERE project = :project)
) WHERE name = :project RETURNING last_seq

-- name: note_seq
-- Remember a card number that came from a file.
UPDATE projects SET last_seq = greatest(last_seq, :seq) WHERE name = :project

-- name: file_numbers
-- Which file of a project holds which card, as one JSON object.
SELECT coalesce(json_object_agg(name, seq), '{}')::text FROM files WHERE project = :project

-- name: cards
-- A page of the cards of all projects.
SELECT * FROM cards
WHERE seq > :after_seq ORDER BY seq, project LIMIT :limit

-- name: cards_in_states
-- A page of the cards of all projects in some states.
SELECT * FROM cards
WHERE state = ANY (ARRAY(SELECT members(:states))) AND seq > :after_seq
ORDER BY seq, project LIMIT :limit

-- name: cards_of_project_in_states
-- A page of the cards of a project in some states.
SELECT * FROM cards
WHERE project = :project AND state = ANY (ARRAY(SELECT members(:states))) AND seq > :after_seq
ORDER BY seq LIMIT :limit

-- name: found
-- A window of a board's column: cards in some states that have all the labels and words.
SELECT * FROM cards AS c
WHERE c.project = :project AND c.state = ANY (ARRAY(SELECT members(:states))) AND c.seq >= :start
AND NOT EXISTS (SELECT 1 FROM members(:without) AS w (value) WHERE w.value = c.state || '/' || c.stage)
AND (
    EXISTS (SELECT 1 FROM members(:within) AS w (value) WHERE w.value = c.state || '/' || c.stage)
    OR NOT EXISTS (SELECT 1 FROM members(:partly) AS w (value) WHERE w.value = c.state)
)
AND NOT EXISTS (
    SELECT 1 FROM members(:labels) AS w (value)
    WHERE w.value NOT IN (SELECT lower(l.value COLLATE "C") FROM members(c.labels) AS l (value))
) AND NOT EXISTS (
    SELECT 1 FROM members(:words) AS w (value)
    WHERE strpos(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
)
ORDER BY c.seq LIMIT :limit

-- name: found_newest
-- The same from the highest number down.
SELECT * FROM cards AS c
WHERE c.project = :project AND c.state = ANY (ARRAY(SELECT members(:states))) AND c.seq <= :start
AND NOT EXISTS (SELECT 1 FROM members(:without) AS w (value) WHERE w.value = c.state || '/' || c.stage)
AND (
    EXISTS (SELECT 1 FROM members(:within) AS w (value) WHERE w.value = c.state || '/' || c.stage)
    OR NOT EXISTS (SELECT 1 FROM members(:partly) AS w (value) WHERE w.value = c.state)
)
AND NOT EXISTS (
    SELECT 1 FROM members(:labels) AS w (value)
    WHERE w.value NOT IN (SELECT lower(l.value COLLATE "C") FROM members(c.labels) AS l (value))
) AND NOT EXISTS (
    SELECT 1 FROM members(:words) AS w (value)
    WHERE strpos(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
)
ORDER BY c.seq DESC LIMIT :limit

-- name: found_counts
-- How many cards of a project have all the labels and words, by state.
SELECT c.state, count(*) AS number FROM cards AS c
WHERE c.project = :project AND c.state = ANY (ARRAY(SELECT members(:states)))
AND NOT EXISTS (SELECT 1 FROM members(:without) AS w (value) WHERE w.value = c.state || '/' || c.stage)
AND (
    EXISTS (SELECT 1 FROM members(:within) AS w (value) WHERE w.value = c.state || '/' || c.stage)
    OR NOT EXISTS (SELECT 1 FROM members(:partly) AS w (value) WHERE w.value = c.state)
)
AND NOT EXISTS (
    SELECT 1 FROM members(:labels) AS w (value)
    WHERE w.value NOT IN (SELECT lower(l.value COLLATE "C") FROM members(c.labels) AS l (value))
) AND NOT EXISTS (
    SELECT 1 FROM members(:words) AS w (value)
    WHERE strpos(lower(c.title), w.value) = 0 AND CAST(c.seq AS TEXT) <> w.value
)
GROUP BY c.state

-- name: last_landed
-- The card of a project that landed last.
SELECT * FROM cards
WHERE project = :project AND state = 'done' AND landed_commit IS NOT NULL
ORDER BY updated_at DESC, seq DESC LIMIT 1

-- name: resting
-- Cards that may wait for a person, the one that has stood longest first.
SELECT * FROM cards
WHERE state IN ('needs_human', 'review', 'landing') AND (
    state = ANY (ARRAY(SELECT members(:states))) OR reason = ANY (ARRAY(SELECT members(:reasons)))
)
ORDER BY updated_at, project, seq LIMIT :limit

-- name: resting_counts
-- How many cards may wait for a person, by what they wait for.
SELECT project, state, coalesce(reason, '') AS reason, count(*) AS number FROM cards
WHERE state IN ('needs_human', 'review', 'landing') GROUP BY 1, 2, 3

-- name: cards_with_skill
-- Cards in some states that name a skill, the ones that changed last first.
SELECT * FROM cards
WHERE state = ANY (ARRAY(SELECT members(:states))) AND CAST(:name AS TEXT) IN (SELECT members(skills))
ORDER BY updated_at DESC, project, seq LIMIT :limit

-- name: still
-- How many cards in some states have not changed after a time and give no reason.
SELECT count(*) AS number FROM cards
WHERE state = ANY (ARRAY(SELECT members(:states))) AND updated_at <= :since AND reason IS NULL

-- name: gates_ran
-- The newest gate events of a project with their cards' numbers, newest first.
SELECT e.*, c.seq AS number FROM events AS e JOIN cards AS c ON c.id = e.card_id
WHERE e.project = :project AND e.kind = 'gate.ran' ORDER BY e.id DESC LIMIT :limit

-- name: startable
-- Cards that may start now, the most urgent first.
SELECT c.* FROM cards AS c JOIN projects AS p ON p.name = c.project
WHERE c.state = 'ready' AND c.not_before <= :now AND p.halted IS NULL
ORDER BY c.priority DESC, c.seq, c.project LIMIT :limit

-- name: startable_of
-- Cards of one project that may start now, the most urgent first.
SELECT * FROM cards
WHERE project = :project AND state = 'ready' AND not_before <= :now
ORDER BY priority DESC, seq LIMIT :limit

-- name: children
-- Open cards that wait for a card.
SELECT c.* FROM dependencies AS d JOIN cards AS c ON c.id = d.card_id
WHERE d.project = :project AND d.parent_seq = :seq AND c.state NOT IN ('done', 'dropped')
ORDER BY c.seq

-- name: add_parents
-- Record the parents of a card, each once.
INSERT INTO dependencies (card_id, project, parent_seq)
SELECT :card_id, :project, CAST(members(:after_seqs) AS BIGINT)
ON CONFLICT DO NOTHING

-- name: outbox
-- Undelivered messages, oldest first.
SELECT * FROM outbox
WHERE delivered_at IS NULL AND (CAST(:kind AS TEXT) IS NULL OR kind = :kind) AND (CAST(:key AS TEXT) IS NULL OR key = :key)
ORDER BY id

-- name: file_stamps_of
-- Some card files of a project as last read.
SELECT * FROM files
WHERE project = :project AND name = ANY (ARRAY(SELECT members(:names)))

-- name: spent_by
-- What the runs of each of some cards have cost.
SELECT
    card_id, CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(total_tokens) AS BIGINT) AS total_tokens, sum(cost_usd) AS cost_usd
FROM runs WHERE card_id = ANY (ARRAY(SELECT members(:cards))) GROUP BY card_id

-- name: gates_by
-- The verdicts on the newest judged tree of each of some cards, oldest first, without their output.
SELECT g.card_id, g.name, g.ok FROM gate_verdicts AS g
WHERE g.card_id = ANY (ARRAY(SELECT members(:cards))) AND g.tree = (
    SELECT n.tree FROM gate_verdicts AS n WHERE n.card_id = g.card_id ORDER BY n.id DESC LIMIT 1
) ORDER BY g.id

-- name: workers
-- Who works, or did, and how many milliseconds its lease has left by the database's clock.
SELECT id, role, host, pid, started_at, vaults, expires_at - now_ms() AS left_ms
FROM workers ORDER BY started_at, id

-- name: take_seat
-- Take a seat of a project, if the living hold fewer than there are for cards that are at work.
INSERT INTO seats (card_id, project, worker)
SELECT CAST(:card_id AS TEXT), CAST(:project AS TEXT), CAST(:worker AS TEXT)
WHERE :most > (
    SELECT count(*) FROM seats AS s JOIN workers AS w ON w.id = s.worker
    JOIN cards AS c ON c.id = s.card_id AND c.worker = s.worker AND c.state IN ('running', 'review')
    WHERE s.project = CAST(:project AS TEXT) AND s.card_id <> CAST(:card_id AS TEXT)
    AND w.expires_at > now_ms()
)
ON CONFLICT (card_id) DO UPDATE SET worker = excluded.worker
