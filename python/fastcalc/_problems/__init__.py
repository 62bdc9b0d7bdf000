"""problems: functions posed as what a loop of the kernel asks: a model with data, an objective, equations. Knows functions."""
