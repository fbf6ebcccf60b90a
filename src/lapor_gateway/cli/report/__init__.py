"""The report's commands, its paper, its charts and its spreadsheet; all made from one value (`jobs.monthly`)."""
