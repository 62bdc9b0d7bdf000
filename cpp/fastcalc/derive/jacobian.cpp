// derive: see jacobian.hpp.
#include "jacobian.hpp"

#include <vector>

namespace fastcalc {

Status jacobian(const Program& program, Workspace& workspace, double* value, double* matrix, Interrupt* interrupt) {
  std::vector<double*> columns;
  for (int seed = 0; seed < program.seeds; ++seed) columns.push_back(matrix + seed * result_size(program));
  return engine().columns(program, workspace, value, columns.data(), interrupt);
}

}  // namespace fastcalc
