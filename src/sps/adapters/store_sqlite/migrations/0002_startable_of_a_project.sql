-- Each project's most urgent card is found without looking at those of the others.
CREATE INDEX cards_startable_of ON cards (project, state, priority DESC, seq, not_before)
    WHERE state = 'ready';
