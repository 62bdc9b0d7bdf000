"""doors: the public functions that solve, one family a module: each checks, poses, solves and names the result."""
