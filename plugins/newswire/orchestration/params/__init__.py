"""The forms that people fill in to start a run or a backfill: each field with its schema, its bounds and its help."""
