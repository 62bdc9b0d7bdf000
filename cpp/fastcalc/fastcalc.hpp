// The single header that the bindings may include: what the kernel library offers to Python.
#pragma once

#include "base/finite.hpp"
#include "base/interrupt.hpp"
#include "base/status.hpp"
#include "derive/adjoint.hpp"
#include "derive/jacobian.hpp"
#include "derive/series.hpp"
#include "derive/sparsity.hpp"
#include "derive/tangent.hpp"
#include "execute/engine.hpp"
#include "execute/runnable.hpp"
#include "linalg/blas.hpp"
#include "ops/special.hpp"
#include "passes/passes.hpp"
#include "program/builder.hpp"
#include "solve/least_squares.hpp"
#include "tasks/fit.hpp"
