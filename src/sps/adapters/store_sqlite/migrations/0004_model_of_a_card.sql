-- A card may name the model of its agent, and how hard it thinks.
ALTER TABLE cards ADD COLUMN model TEXT;
ALTER TABLE cards ADD COLUMN effort TEXT;
