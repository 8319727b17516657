-- What waits for a person, and how the gates of a project went, are asked for by every page.

CREATE INDEX cards_at_rest ON cards (updated_at, project, seq, state, reason)
    WHERE state IN ('needs_human', 'review', 'landing');
CREATE INDEX events_of_gates ON events (project, id)
    WHERE kind = 'gate.ran';
CREATE INDEX landings_by_age ON landings (at, card_id);
