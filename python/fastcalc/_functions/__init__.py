"""functions: plain functions made compiled ones, and their derivatives. Knows the tracer."""
