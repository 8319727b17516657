-- Projects share the machine: what may start is asked for one project at a time.

CREATE INDEX cards_startable_of ON cards (project, priority DESC, seq, not_before)
    WHERE state = 'ready';
