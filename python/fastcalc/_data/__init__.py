"""data: what a user gives beside functions, checked: arrays, tables, weights, starts."""
