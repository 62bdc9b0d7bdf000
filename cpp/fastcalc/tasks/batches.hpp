// tasks: a loss over data, a batch at a time. Comes in: a program of x and of a batch of rows, and all the rows. Goes out: an Objective of
// which each evaluation sees the next batch: every one once an epoch, in an order that is drawn anew.
//
// The data are not copied: a batch is consecutive rows, read where they lie. What is drawn is the order of the batches; the last one ends
// with the last row, and so overlaps the one before where the rows do not divide.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "traced.hpp"

namespace fastcalc {

class BatchedObjective final : public Objective {
 public:
  struct Array {
    const double* rows;
    std::size_t width;  // numbers a row
  };

  /// `loss`: f and, behind it, its gradient; its first fixed arguments are the batches of `arrays`.
  BatchedObjective(int n, std::shared_ptr<TracedFunction> loss, std::vector<Array> arrays, std::int64_t rows, std::int64_t batch,
                   std::uint64_t seed);

  int size() const override { return n_; }
  Status value(const double*, double*) override { return Status::running; }
  Status gradient(const double* x, double* f, double* gradient) override;
  Status hessian(const double*, double*) override { return Status::running; }
  Status product(const double*, const double*, double*) override { return Status::running; }

  std::int64_t batches() const { return static_cast<std::int64_t>(order_.size()); }
  const std::vector<double>& losses() const { return losses_; }  ///< the mean over each whole epoch, as it went

 private:
  int n_;
  std::shared_ptr<TracedFunction> loss_;
  Pair pair_;
  std::vector<Array> arrays_;
  std::int64_t rows_, batch_;
  std::mt19937_64 generator_;
  std::vector<std::int64_t> order_;
  std::size_t next_ = 0;
  double sum_ = 0;
  std::vector<double> losses_;
};

}  // namespace fastcalc
