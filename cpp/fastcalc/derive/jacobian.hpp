// derive: seed → run → extract. Comes in: a scheduled program whose seeds are the arguments to differentiate by, and a workspace
// with its arguments bound. Goes out: the result and its Jacobian, one column a seed, by forward mode.
#pragma once

#include "../execute/engine.hpp"

namespace fastcalc {

/// `value` receives result_size elements; `matrix` as many for each seed, column after column.
Status jacobian(const Program& program, Workspace& workspace, double* value, double* matrix, Interrupt* interrupt);

}  // namespace fastcalc
