// tasks: see traced.hpp.
#include "traced.hpp"

#include <algorithm>

#include "../execute/engine.hpp"

namespace fastcalc {

Status TracedFunction::operator()(const double* x, const double* v, double* result) {
  return traced_.at(x, [&](const Loan& loan) {
    const Program& program = loan.program();
    Workspace& workspace = loan.workspace();
    int input = 0;
    workspace.bind(input++, x);
    if (v) workspace.bind(input++, v);
    for (const double* argument : fixed_) workspace.bind(input++, argument);
    return engine().values(program, workspace, {0, loan.size()}, result, interrupt_);
  });
}

ValueAt at_point(std::shared_ptr<TracedFunction> function) {
  return [function = std::move(function)](const double* x, double* value) { return (*function)(x, nullptr, value); };
}

ProductAt along(std::shared_ptr<TracedFunction> function) {
  return [function = std::move(function)](const double* x, const double* v, double* product) { return (*function)(x, v, product); };
}

Status Pair::apart(const double* x, double* first, double* second, std::size_t size_of_second) {
  room.resize(size + size_of_second);
  const Status status = both(x, room.data());
  std::copy_n(room.data(), size, first);
  std::copy_n(room.data() + size, size_of_second, second);
  return status;
}

}  // namespace fastcalc
