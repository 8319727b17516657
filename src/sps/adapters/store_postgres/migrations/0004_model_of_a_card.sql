-- A card may name the model of its agent, and how hard it thinks.
ALTER TABLE cards ADD COLUMN model STRING;
ALTER TABLE cards ADD COLUMN effort STRING;
