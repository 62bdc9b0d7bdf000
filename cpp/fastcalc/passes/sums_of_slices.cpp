// passes: see sums_of_slices.hpp.
#include "sums_of_slices.hpp"

#include <algorithm>

#include "passes.hpp"

namespace fastcalc {

std::vector<SumOfSlices> sums_of_slices(const Program& program, const std::vector<std::int32_t>& scatters,
                                        const std::vector<std::vector<std::int32_t>>& active) {
  if (!is_zero(program, program.code[program.code[scatters.front()].operand[1].node])) return {};
  const std::int64_t rows = count(program.shape(program.code[scatters.front()]));
  std::vector<SumOfSlices> sums;
  for (const std::int32_t node : scatters) {
    const Instruction& in = program.code[node];
    if (in.op != Op::scatter || in.operand[2].node >= 0 || !active[node].empty()) return {};
    const View target = program.view(in, 2);
    if (load_kind(target) != LoadKind::contiguous) return {};
    const std::int64_t first = target.offset, last = first + count(target.shape);
    const auto known = std::find_if(sums.begin(), sums.end(), [&](const SumOfSlices& sum) { return sum.first < last && first < sum.last; });
    SumOfSlices& sum = known == sums.end() ? sums.emplace_back(SumOfSlices{first, last, {}}) : *known;
    sum.first = std::min(sum.first, first);
    sum.last = std::max(sum.last, last);
    sum.parts.emplace_back(node, first);
  }
  std::sort(sums.begin(), sums.end(), [](const SumOfSlices& x, const SumOfSlices& y) { return x.first < y.first; });
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (sums[i].last - sums[i].first > rows + most_lag || (i && sums[i].first < sums[i - 1].last)) return {};
  return sums;
}

}  // namespace fastcalc
