-- The statements that SQLite and PostgreSQL understand alike: a name, one sentence, the statement.
-- Values are named :so. What one of the two needs in words of its own stands in its own file.

-- name: project
-- One project.
SELECT * FROM projects WHERE name = :name

-- name: projects
-- All projects by name.
SELECT * FROM projects ORDER BY name

-- name: add_project
-- Register a project.
INSERT INTO projects (
    name, id, repo, branch, agent, sandbox, identity_name, identity_email, created_at, halted, halt_detail
) VALUES (
    :name, :id, :repo, :branch, :agent, :sandbox, :identity_name, :identity_email, :created_at, :halted,
    :halt_detail
)

-- name: save_project
-- Change what a project says; its name, id and numbering stay.
UPDATE projects SET
    repo = :repo, branch = :branch, agent = :agent, sandbox = :sandbox, identity_name = :identity_name,
    identity_email = :identity_email, halted = :halted, halt_detail = :halt_detail
WHERE name = :name

-- name: remove_project
-- Delete a project; all that belongs to it goes with it.
DELETE FROM projects WHERE name = :name

-- name: card
-- One card by its id.
SELECT * FROM cards WHERE id = :id

-- name: card_by_seq
-- One card by its number.
SELECT * FROM cards WHERE project = :project AND seq = :seq

-- name: cards_of_project
-- A page of the cards of a project.
SELECT * FROM cards WHERE project = :project AND seq > :after_seq ORDER BY seq LIMIT :limit

-- name: counts
-- How many cards of each project are in each state, from the index alone.
SELECT project, state, count(*) AS number FROM cards GROUP BY project, state

-- name: next_not_before
-- When the next waiting card may start.
SELECT min(not_before) AS moment FROM cards WHERE state = 'ready' AND not_before > :now

-- name: parked_ahead
-- Waiting cards that were parked at a time which is still to come.
SELECT * FROM cards WHERE state = 'ready' AND not_before > :now AND updated_at > :ahead

-- name: add_card
-- Insert a card.
INSERT INTO cards (
    id, project, seq, state, stage, attempt, reason, detail, landed_commit, landed_tree, created_at,
    updated_at, generation, worker, not_before, setbacks, base, tip, tree, tree_base, approved, waived,
    version, title, skills, labels, after_seqs, priority, scope, accept, hold, agent, model, effort, body
) VALUES (
    :id, :project, :seq, :state, :stage, :attempt, :reason, :detail, :landed_commit, :landed_tree, :created_at,
    :updated_at, :generation, :worker, :not_before, :setbacks, :base, :tip, :tree, :tree_base, :approved,
    :waived, :version, :title, :skills, :labels, :after_seqs, :priority, :scope, :accept, :hold, :agent, :model, :effort, :body
)

-- name: save_card
-- Change where a card stands, if nobody was quicker.
UPDATE cards SET
    state = :state, stage = :stage, attempt = :attempt, reason = :reason, detail = :detail,
    landed_commit = :landed_commit, landed_tree = :landed_tree, updated_at = :updated_at,
    generation = :generation, worker = :worker, not_before = :not_before, setbacks = :setbacks, base = :base,
    tip = :tip, tree = :tree, tree_base = :tree_base, approved = :approved, waived = :waived,
    version = :version
WHERE id = :id AND version = :expected

-- name: save_card_and_text
-- Change where a card stands and what it says, if nobody was quicker.
UPDATE cards SET
    state = :state, stage = :stage, attempt = :attempt, reason = :reason, detail = :detail,
    landed_commit = :landed_commit, landed_tree = :landed_tree, updated_at = :updated_at,
    generation = :generation, worker = :worker, not_before = :not_before, setbacks = :setbacks, base = :base,
    tip = :tip, tree = :tree, tree_base = :tree_base, approved = :approved, waived = :waived,
    version = :version, title = :title, skills = :skills, labels = :labels, after_seqs = :after_seqs,
    priority = :priority, scope = :scope, accept = :accept, hold = :hold, agent = :agent,
    model = :model, effort = :effort, body = :body
WHERE id = :id AND version = :expected

-- name: clear_parents
-- Forget the parents of a card.
DELETE FROM dependencies WHERE card_id = :card_id

-- name: events
-- Events of all projects after a bookmark.
SELECT * FROM events WHERE id > :after_id ORDER BY id LIMIT :limit

-- name: events_of_project
-- Events of a project after a bookmark.
SELECT * FROM events WHERE project = :project AND id > :after_id ORDER BY id LIMIT :limit

-- name: events_of_card
-- Events of a card after a bookmark; within a card both numbers grow together.
SELECT * FROM events
WHERE card_id = :card_id AND id > :after_id AND (CAST(:project AS TEXT) IS NULL OR project = :project)
ORDER BY seq LIMIT :limit

-- name: add_event
-- Append an event under the next number of its card.
INSERT INTO events (project, card_id, seq, run_id, kind, at, payload) VALUES (
    :project, CAST(:card_id AS TEXT),
    CASE WHEN CAST(:card_id AS TEXT) IS NULL THEN 0 ELSE
        (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE card_id = CAST(:card_id AS TEXT)) END,
    :run_id, :kind, :at, :payload
) RETURNING id, seq

-- name: run
-- One run.
SELECT * FROM runs WHERE id = :id

-- name: runs
-- All runs, oldest first.
SELECT * FROM runs ORDER BY started_at, id

-- name: runs_live
-- Runs that have not ended, oldest first.
SELECT * FROM runs WHERE ended_at = 0 ORDER BY started_at, id

-- name: runs_of_card
-- Runs of a card, oldest first.
SELECT * FROM runs WHERE card_id = :card_id ORDER BY started_at, id

-- name: runs_of_card_live
-- The run of a card that has not ended.
SELECT * FROM runs WHERE card_id = :card_id AND ended_at = 0

-- name: attempts
-- The highest attempt of a stage.
SELECT max(attempt) AS attempt FROM runs WHERE card_id = :card_id AND stage = :stage

-- name: spent
-- What the runs of a card have cost; nothing reported stays nothing.
SELECT
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens, CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(total_tokens) AS BIGINT) AS total_tokens, sum(cost_usd) AS cost_usd,
    CAST(
        coalesce(sum(CASE WHEN ended_at > started_at THEN ended_at - started_at ELSE 0 END), 0) AS BIGINT
    ) AS milliseconds
FROM runs WHERE card_id = :card_id

-- name: spent_since
-- What the runs of each project have cost that began at a time or later.
SELECT
    project, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
    sum(total_tokens) AS total_tokens, sum(cost_usd) AS cost_usd
FROM runs WHERE started_at >= :since GROUP BY project

-- name: start_run
-- Insert a run.
INSERT INTO runs (
    id, card_id, project, generation, stage, attempt, kind, agent, worker, workspace, started_at, pid,
    pid_started, session_id, ended_at, outcome, detail, input_tokens, output_tokens, total_tokens, cost_usd
) VALUES (
    :id, :card_id, :project, :generation, :stage, :attempt, :kind, :agent, :worker, :workspace, :started_at,
    :pid, :pid_started, :session_id, :ended_at, :outcome, :detail, :input_tokens, :output_tokens,
    :total_tokens, :cost_usd
)

-- name: set_run_process
-- Record the process of a run.
UPDATE runs SET pid = :pid, pid_started = :started WHERE id = :id

-- name: set_run_session
-- Record the agent's own id of a run.
UPDATE runs SET session_id = :session_id WHERE id = :id

-- name: add_usage
-- Replace the usage of a run.
UPDATE runs SET
    input_tokens = :input_tokens, output_tokens = :output_tokens, total_tokens = :total_tokens,
    cost_usd = :cost_usd
WHERE id = :id

-- name: end_run
-- End a run that lives.
UPDATE runs SET ended_at = :at, outcome = :outcome, detail = :detail WHERE id = :id AND ended_at = 0

-- name: gate_verdict
-- The verdict that answers for a key.
SELECT * FROM gate_verdicts WHERE key = :key AND current = 1

-- name: gate_verdicts
-- The gate verdicts of a card, oldest first.
SELECT * FROM gate_verdicts WHERE card_id = :card_id ORDER BY id

-- name: forget_gate_verdict
-- Let no verdict answer for a key any more.
UPDATE gate_verdicts SET current = 0 WHERE key = :key AND current = 1

-- name: save_gate_verdict
-- Record a verdict that answers for its key from now on.
INSERT INTO gate_verdicts (
    card_id, key, current, at, name, tree, command, ok, exit_code, timed_out, cached, seconds, log, tail
) VALUES (
    :card_id, :key, 1, :at, :name, :tree, :command, :ok, :exit_code, :timed_out, :cached, :seconds, :log, :tail
)

-- name: verdicts
-- The review verdicts of a card, oldest first.
SELECT * FROM verdicts WHERE card_id = :card_id ORDER BY id

-- name: save_verdict
-- Record a review verdict.
INSERT INTO verdicts (card_id, at, decision, comments, author, tree, tip)
VALUES (:card_id, :at, :decision, :comments, :author, :tree, :tip)

-- name: landing
-- The landing of a card.
SELECT * FROM landings WHERE card_id = :card_id

-- name: landings
-- The landings that began at a time or later, oldest first.
SELECT * FROM landings WHERE at >= :since ORDER BY at, card_id

-- name: save_landing
-- Record a landing, or how far it has come.
INSERT INTO landings (card_id, generation, base, tip, tree, at, commit_id, state)
VALUES (:card_id, :generation, :base, :tip, :tree, :at, :commit_id, :state)
ON CONFLICT (card_id) DO UPDATE SET
    generation = excluded.generation, base = excluded.base, tip = excluded.tip, tree = excluded.tree,
    at = excluded.at, commit_id = excluded.commit_id, state = excluded.state

-- name: post
-- Put a message into the outbox; one that waits under the same kind and key takes the newer payload.
INSERT INTO outbox (kind, key, payload, created_at) VALUES (:kind, :key, :payload, :at)
ON CONFLICT (kind, key) WHERE delivered_at IS NULL DO UPDATE SET payload = excluded.payload

-- name: delivered
-- Mark a message as delivered.
UPDATE outbox SET delivered_at = :at WHERE id = :id AND delivered_at IS NULL

-- name: forget_delivered
-- Drop messages that were delivered long ago.
DELETE FROM outbox WHERE delivered_at < :before

-- name: file_stamps
-- The card files of a project as last read.
SELECT * FROM files WHERE project = :project

-- name: file_of
-- The file that a card was last read from.
SELECT name FROM files WHERE project = :project AND seq = :seq ORDER BY name LIMIT 1

-- name: set_file
-- Record what a card file looked like.
INSERT INTO files (project, name, seq, mtime_ns, size, digest)
VALUES (:project, :name, :seq, :mtime_ns, :size, :digest)
ON CONFLICT (project, name) DO UPDATE SET
    seq = excluded.seq, mtime_ns = excluded.mtime_ns, size = excluded.size, digest = excluded.digest

-- name: forget_file
-- Forget a card file.
DELETE FROM files WHERE project = :project AND name = :name

-- name: file_errors
-- The card files of a project that could not be read.
SELECT * FROM file_errors WHERE project = :project ORDER BY file

-- name: set_file_error
-- Record why a card file could not be read.
INSERT INTO file_errors (project, file, line_no, column_no, code, message, seq)
VALUES (:project, :file, :line, :column, :code, :message, :seq)
ON CONFLICT (project, file) DO UPDATE SET
    line_no = excluded.line_no, column_no = excluded.column_no, code = excluded.code,
    message = excluded.message, seq = excluded.seq

-- name: clear_file_error
-- Forget the error of a card file.
DELETE FROM file_errors WHERE project = :project AND file = :file

-- name: newest_events
-- The newest events of a card, the last one first.
SELECT * FROM events WHERE card_id = :card_id ORDER BY seq DESC LIMIT :limit

-- name: last_event
-- The newest event.
SELECT coalesce(max(id), 0) AS newest FROM events

-- name: breaker
-- The circuit breaker of an agent kind.
SELECT * FROM breakers WHERE kind = :kind

-- name: save_breaker
-- Record a circuit breaker.
INSERT INTO breakers (kind, state, recent, opened_at, until)
VALUES (:kind, :state, :recent, :opened_at, :until)
ON CONFLICT (kind) DO UPDATE SET
    state = excluded.state, recent = excluded.recent, opened_at = excluded.opened_at, until = excluded.until

-- name: step
-- The result of a step.
SELECT result FROM steps WHERE workflow_id = :workflow_id AND name = :name

-- name: save_step
-- Record the result of a step; the first one stays.
INSERT INTO steps (workflow_id, name, result, at) VALUES (:workflow_id, :name, :result, :at)
ON CONFLICT (workflow_id, name) DO NOTHING

-- name: forget_steps
-- Forget a workflow's journal.
DELETE FROM steps WHERE workflow_id = :workflow_id

-- name: recall
-- The answer that was given under an idempotency key.
SELECT body_hash, response FROM idempotency WHERE key = :key AND at >= :oldest

-- name: forget_old_keys
-- Drop idempotency keys that no longer count.
DELETE FROM idempotency WHERE at < :oldest

-- name: remember
-- Record the answer given under an idempotency key; the first one stays.
INSERT INTO idempotency (key, body_hash, response, at) VALUES (:key, :body_hash, :response, :at)
ON CONFLICT (key) DO NOTHING

-- name: leave_seat
-- Leave a seat that a worker holds.
DELETE FROM seats WHERE card_id = :card_id AND worker = :worker

-- name: leave_all_seats
-- Leave every seat of a worker.
DELETE FROM seats WHERE worker = :worker

-- name: pipeline_text
-- The pipeline that the home has put in force for a project.
SELECT content FROM pipelines WHERE project = :project

-- name: publish_pipeline
-- Tell the machines without the home's files what is in force.
INSERT INTO pipelines (project, content) VALUES (:project, :content)
ON CONFLICT (project) DO UPDATE SET content = excluded.content
