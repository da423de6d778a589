-- What made a dead letter: when that version of code or rules is gone, the letter is worth another try by itself.
ALTER TABLE ops.dead_letters ADD COLUMN made_by text;
DROP VIEW IF EXISTS mart.dead_letters;  -- made anew by repeatable/: its columns change
