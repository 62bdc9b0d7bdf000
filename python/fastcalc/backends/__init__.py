"""backends: fastcalc under the names of other packages, one folder a package. Comes in: their calls. Goes out: their results."""
