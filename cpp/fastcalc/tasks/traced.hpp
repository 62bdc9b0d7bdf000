// tasks: a traced function inside a loop. Comes in: its program (or none yet), and where to ask for another one. Goes out: its runs at
// one point after the other, and on top of them what a method asks of a function.
//
// A program holds for a part of the space: where a guard fails, the function takes another path, and Python is asked for the program of
// that path. This is the one place where that happens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../base/interrupt.hpp"
#include "../execute/runnable.hpp"
#include "../solve/problem.hpp"

namespace fastcalc {

/// The program for a point where a guard of the present one fails; null when there is none.
using Retrace = std::function<std::shared_ptr<const Runnable>(const double* x)>;

/// A program on loan, which is exchanged for another where it does not hold.
class Traced {
 public:
  /// Without a program, the first run asks for one.
  Traced(std::shared_ptr<const Runnable> program, Retrace retrace) : retrace_(std::move(retrace)) {
    if (program) loan_.emplace(std::move(program));
  }

  /// `run(loan)` binds the arguments and runs.
  template <class Run>
  Status at(const double* x, const Run& run) {
    const Status status = loan_ ? run(*loan_) : Status::guard_failed;
    if (status != Status::guard_failed) return status;
    std::shared_ptr<const Runnable> other = retrace_ ? retrace_(x) : nullptr;
    if (!other) return Status::guard_failed;
    loan_.emplace(std::move(other));
    return run(*loan_);
  }

  const Program& program() const { return loan_->program(); }

 private:
  std::optional<Loan> loan_;
  Retrace retrace_;
};

/// A program whose inputs are the point x, for a product the direction v, and arguments that stay.
class TracedFunction {
 public:
  /// `fixed`: the arguments behind x and v; they outlive the runs. Every program that `retrace` gives has the same inputs.
  TracedFunction(std::shared_ptr<const Runnable> program, Retrace retrace, std::vector<const double*> fixed, Interrupt* interrupt)
      : traced_(std::move(program), std::move(retrace)), fixed_(std::move(fixed)), interrupt_(interrupt) {}

  /// `v` is null where the program takes no direction.
  Status operator()(const double* x, const double* v, double* result);

  /// Another array of the same shape for one of the arguments that stay, of which there are so many.
  void fix(std::size_t argument, const double* data) { fixed_[argument] = data; }
  std::size_t arguments() const { return fixed_.size(); }

 private:
  Traced traced_;
  std::vector<const double*> fixed_;
  Interrupt* interrupt_;
};

using ValueAt = std::function<Status(const double* x, double* value)>;
using ProductAt = std::function<Status(const double* x, const double* v, double* product)>;

/// A function of x alone, and one of x and a direction.
ValueAt at_point(std::shared_ptr<TracedFunction> function);
ProductAt along(std::shared_ptr<TracedFunction> function);

/// A function that gives two things, one of `size` numbers behind the other.
struct Pair {
  ValueAt both;
  int size;                       // of the first
  std::vector<double> room = {};  // for both
  Status operator()(const double* x, double* first, double* second, std::size_t size_of_second) {
    return second == first + size ? both(x, first) : apart(x, first, second, size_of_second);
  }

 private:
  Status apart(const double* x, double* first, double* second, std::size_t size_of_second);
};

/// An objective put together of functions: programs, Python's, differences of others.
class ComposedObjective final : public Objective {
 public:
  /// `value_and_gradient` gives f and, behind it, the gradient; `hessian` the entries of `pattern`, or without one all of them.
  ComposedObjective(int n, ValueAt value, ValueAt value_and_gradient, ValueAt hessian, ProductAt product,
                    std::optional<HessianPattern> pattern = std::nullopt)
      : n_(n),
        value_(std::move(value)),
        pair_{std::move(value_and_gradient), 1},
        hessian_(std::move(hessian)),
        product_(std::move(product)),
        pattern_(std::move(pattern)) {}

  int size() const override { return n_; }
  const HessianPattern* pattern() const override { return pattern_ ? &*pattern_ : nullptr; }
  Status value(const double* x, double* f) override { return value_(x, f); }
  Status gradient(const double* x, double* f, double* gradient) override { return pair_(x, f, gradient, n_); }
  Status hessian(const double* x, double* hessian) override { return hessian_(x, hessian); }
  Status product(const double* x, const double* v, double* product) override { return product_(x, v, product); }

 private:
  int n_;
  ValueAt value_;
  Pair pair_;
  ValueAt hessian_;
  ProductAt product_;
  std::optional<HessianPattern> pattern_;
};

/// Equations put together in the same way.
class ComposedEquations final : public Equations {
 public:
  /// `values_and_jacobian` gives the m values and, behind them, the Jacobian.
  ComposedEquations(int n, int m, ValueAt values, ValueAt values_and_jacobian)
      : n_(n), m_(m), values_(std::move(values)), pair_{std::move(values_and_jacobian), m} {}

  int size() const override { return n_; }
  int equations() const override { return m_; }
  Status values(const double* x, double* values) override { return values_(x, values); }
  Status jacobian(const double* x, double* values, double* jacobian) override {
    return pair_(x, values, jacobian, static_cast<std::size_t>(m_) * n_);
  }

 private:
  int n_, m_;
  ValueAt values_;
  Pair pair_;
};

}  // namespace fastcalc
