"""results: what was found, as people read it: numbers, reports, plots. Knows problems and data."""
