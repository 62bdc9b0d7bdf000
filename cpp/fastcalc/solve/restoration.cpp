// solve: see restoration.hpp.
#include "restoration.hpp"

#include <algorithm>
#include <cmath>

#include "../linalg/gram.hpp"
#include "../linalg/triangle.hpp"

namespace fastcalc {

namespace {

// r(w) = c(x) − s, with the Jacobian [J −I].
class Violation final : public LeastSquaresProblem {
 public:
  Violation(Barrier& barrier, PrimalDual& at)
      : barrier_(barrier),
        at_(at),
        columns_(barrier.n + barrier.m + 1),
        block_(std::size_t(columns_) * block_rows),
        column_(columns_),
        step_(columns_, 1),
        gram_(columns_),
        triangle_(columns_) {
    for (int k = 0; k < columns_; ++k) column_[k] = block_.data() + std::size_t(k) * block_rows;
  }
  int parameters() const override { return columns_ - 1; }
  std::int64_t residuals() const override { return barrier_.m; }
  Status gram(const double* x, double* matrix) override { return accumulate(x, gram_, matrix); }
  Status triangle(const double* x, double* matrix) override { return accumulate(x, triangle_, matrix); }

 private:
  template <class Accumulator>
  Status accumulate(const double* w, Accumulator& accumulator, double* matrix) {
    std::copy_n(w, columns_ - 1, at_.w.begin());
    if (const Status status = barrier_.differentiate_constraints(at_); status != Status::running) return status;
    const int n = barrier_.n;
    for (int first = 0; first < barrier_.m; first += block_rows) {
      const int rows = std::min(block_rows, barrier_.m - first);
      std::fill_n(block_.data(), block_.size(), 0.0);
      for (int row = 0; row < rows; ++row) {
        const int j = first + row;
        if (barrier_.idle(j)) continue;
        for (int i = 0; i < n; ++i) at(row, i) = at_.jacobian[std::size_t(j) * n + i];
        at(row, n + j) = -1;
        at(row, columns_ - 1) = barrier_.residual(at_, j);
      }
      accumulator.add(column_.data(), step_.data(), rows);
    }
    accumulator.finish(matrix);
    return Status::running;
  }
  double& at(int row, int column) { return block_.data()[std::size_t(column) * block_rows + row]; }

  Barrier& barrier_;
  PrimalDual& at_;
  int columns_;
  AlignedBuffer block_;
  std::vector<const double*> column_;
  std::vector<std::uint8_t> step_;
  GramAccumulator gram_;
  TriangleAccumulator triangle_;
};

}  // namespace

Status Restoration::reach(Numbers& w, double share) {
  Numbers lower = barrier_.lower, upper = barrier_.upper;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (barrier_.fixed(i)) continue;
    const double width = upper[i] - lower[i];
    if (barrier_.has_lower(i)) lower[i] += std::min({share * std::max(1.0, std::abs(lower[i])), share * width, 0.5 * (w[i] - lower[i])});
    if (barrier_.has_upper(i)) upper[i] -= std::min({share * std::max(1.0, std::abs(upper[i])), share * width, 0.5 * (upper[i] - w[i])});
  }
  Violation violation(barrier_, at_);
  LeastSquaresOptions options;
  options.max_evaluations = 300;
  const LeastSquaresResult found = levenberg_marquardt(violation, w, lower, upper, options, interrupt_);
  const bool ended = succeeded(found.status) || found.status == Status::max_evaluations || found.status == Status::stalled;
  if (!ended) return found.status;
  w = found.x;
  return Status::running;
}

}  // namespace fastcalc
