// tasks: see elementwise.hpp.
#include "elementwise.hpp"

namespace fastcalc {
namespace {

std::vector<const double*> pointers(const std::vector<ElementwiseArgument>& arguments, double* rows, int lanes) {
  std::vector<const double*> found;
  for (const ElementwiseArgument& argument : arguments) {
    found.push_back(argument.by_element ? rows : argument.data);
    if (argument.by_element) rows += lanes;
  }
  return found;
}

}  // namespace

TracedElementwise::TracedElementwise(int lanes, std::shared_ptr<const Runnable> program, Retrace retrace,
                                     const std::vector<ElementwiseArgument>& arguments, Interrupt* interrupt)
    : lanes_(lanes),
      rows_(arguments.size() * static_cast<std::size_t>(lanes)),
      function_(std::move(program), std::move(retrace), pointers(arguments, rows_.data(), lanes), interrupt) {
  double* row = rows_.data();
  for (const ElementwiseArgument& argument : arguments) {
    if (!argument.by_element) continue;
    by_element_.push_back({argument.data, row});
    row += lanes;
  }
}

}  // namespace fastcalc
