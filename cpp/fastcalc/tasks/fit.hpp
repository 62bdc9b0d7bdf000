// tasks: a model posed as a least-squares problem. Comes in: a program (or any function) for the residuals, data, a start. Goes
// out: what solve makes of it.
//
// Two problems, one for each way to hold a Jacobian. A *streamed* fit runs the residual program and sums [J r]'s Gram matrix or
// triangular factor block by block: memory does not grow with the data. A *stored* fit keeps the columns of J: for models that
// are not programs (differences, the user's own jac), and for correlated errors, where every residual mixes all rows.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "../execute/engine.hpp"
#include "../solve/least_squares.hpp"
#include "differences.hpp"
#include "traced.hpp"

namespace fastcalc {

/// Whether a program with its arguments bound gives a function's own values in the rows from `first` on: equal to 1e-9 of the
/// largest of them, each times its weight if there are weights, and NaN or inf in the same places. That is far above rounding (the
/// two add up in another order), and far below what another branch or a changed constant makes. Not where a guard fails, nor where
/// a part of the rows is asked of a program that is not by row.
bool agrees(const Program& program, Workspace& workspace, std::int64_t first, std::span<const double> function, const double* weights);

/// The residuals r(x) of a program whose seeds are the parameters and whose other inputs are data.
class StreamedFit final : public LeastSquaresProblem {
 public:
  /// `data`: the arguments that are not seeds, in the order of the program's inputs. Every retraced program has the same inputs.
  StreamedFit(std::shared_ptr<const Runnable> program, std::vector<const double*> data, Retrace retrace, Interrupt* interrupt)
      : traced_(std::move(program), std::move(retrace)), data_(std::move(data)), interrupt_(interrupt) {}

  int parameters() const override { return traced_.program().seeds; }
  std::int64_t residuals() const override;
  Status gram(const double* x, double* matrix) override;
  Status triangle(const double* x, double* matrix) override;

 private:
  template <class Evaluate>
  Status run(const double* x, const Evaluate& evaluate);

  Traced traced_;
  std::vector<const double*> data_;
  Interrupt* interrupt_;
};

/// A model known by its values and a function for its Jacobian.
StoredModel by_jacobian(std::function<Status(const double* x, double* values)> values,
                        std::function<Status(const double* x, double* jacobian)> jacobian);

/// The residuals L⁻¹ (f(x) − y) or w (f(x) − y) of a model whose Jacobian is stored.
class StoredFit final : public LeastSquaresProblem {
 public:
  /// `weights` may be null, `whitener` (L, rows × rows, lower triangular, row-major) empty.
  StoredFit(StoredModel model, int parameters, std::span<const double> y, const double* weights, std::vector<double> whitener);

  int parameters() const override { return parameters_; }
  std::int64_t residuals() const override { return static_cast<std::int64_t>(y_.size()); }
  Status gram(const double* x, double* matrix) override;
  Status triangle(const double* x, double* matrix) override;

 private:
  Status evaluate(const double* x);
  Columns columns() const { return {at_.data(), parameters_ + 1, residuals()}; }

  StoredModel model_;
  int parameters_;
  std::span<const double> y_;
  const double* weights_;
  std::vector<double> whitener_;
  std::vector<double> matrix_;  // [J r], column after column
  std::vector<const double*> at_;
};

}  // namespace fastcalc
