// kernel tests: minimisation under constraints from lambdas.
//
// Comes in: f(x) and c(x, out), written once over `auto` numbers. Goes out: Objective, Equations and Lagrangian in one. Derivatives are
// exact to rounding and owe nothing to the library: hyper-dual numbers (Fike and Alonso 2011, AIAA 2011-886), a row and a column a run.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "check.hpp"
#include "fastcalc/solve/constrained.hpp"

namespace fastcalc {

/// v + a ε₁ + b ε₂ + c ε₁ε₂, ε₁² = ε₂² = 0.
struct HyperDual {
  double v = 0, a = 0, b = 0, c = 0;
  HyperDual() = default;
  HyperDual(double value) : v(value) {}
  HyperDual(double value, double first, double second, double both) : v(value), a(first), b(second), c(both) {}
  HyperDual chain(double f, double d, double dd) const { return {f, d * a, d * b, d * c + dd * a * b}; }

  friend HyperDual operator+(HyperDual x, HyperDual y) { return {x.v + y.v, x.a + y.a, x.b + y.b, x.c + y.c}; }
  friend HyperDual operator-(HyperDual x, HyperDual y) { return {x.v - y.v, x.a - y.a, x.b - y.b, x.c - y.c}; }
  friend HyperDual operator-(HyperDual x) { return {-x.v, -x.a, -x.b, -x.c}; }
  friend HyperDual operator*(HyperDual x, HyperDual y) {
    return {x.v * y.v, x.a * y.v + x.v * y.a, x.b * y.v + x.v * y.b, x.c * y.v + x.a * y.b + x.b * y.a + x.v * y.c};
  }
  friend HyperDual exp(HyperDual x) { return x.chain(std::exp(x.v), std::exp(x.v), std::exp(x.v)); }
  friend HyperDual log(HyperDual x) { return x.chain(std::log(x.v), 1 / x.v, -1 / (x.v * x.v)); }
  friend HyperDual sin(HyperDual x) { return x.chain(std::sin(x.v), std::cos(x.v), -std::sin(x.v)); }
  friend HyperDual sqrt(HyperDual x) {
    const double root = std::sqrt(x.v);
    return x.chain(root, 0.5 / root, -0.25 / (root * x.v));
  }
};

class ConstrainedProblem final : public Objective, public Equations, public Lagrangian {
 public:
  template <class F, class C>
  ConstrainedProblem(int n, int m, F f, C c)
      : n_(n),
        m_(m),
        f_([f](const HyperDual* x) { return HyperDual(f(x)); }),
        c_([c](const HyperDual* x, HyperDual* out) { c(x, out); }),
        x_(n),
        out_(m) {}
  int size() const override { return n_; }
  int equations() const override { return m_; }

  Status value(const double* x, double* f) override {
    ++calls;
    if (answer != Status::running && calls > calls_before_answer) return answer;
    set(x);
    *f = f_(x_.data()).v;
    return Status::running;
  }
  Status gradient(const double* x, double* f, double* gradient) override {
    if (const Status status = value(x, f); status != Status::running) return status;
    for (int i = 0; i < n_; ++i) {
      x_[i].a = 1;
      gradient[i] = f_(x_.data()).a;
      x_[i].a = 0;
    }
    return Status::running;
  }
  Status hessian(const double*, double*) override { return Status::stalled; }  // a constrained method asks for the Lagrangian's
  Status product(const double*, const double*, double*) override { return Status::stalled; }

  Status values(const double* x, double* values) override {
    set(x);
    c_(x_.data(), out_.data());
    for (int j = 0; j < m_; ++j) values[j] = out_[j].v;
    return Status::running;
  }
  Status jacobian(const double* x, double* values, double* jacobian) override {
    set(x);
    for (int i = 0; i < n_; ++i) {
      x_[i].a = 1;
      c_(x_.data(), out_.data());
      for (int j = 0; j < m_; ++j) {
        values[j] = out_[j].v;
        jacobian[j * n_ + i] = out_[j].a;
      }
      x_[i].a = 0;
    }
    return Status::running;
  }
  Status hessian(const double* x, const double* multipliers, double* hessian) override {
    set(x);
    for (int i = 0; i < n_; ++i)
      for (int k = 0; k < n_; ++k) {
        x_[i].a = x_[k].b = 1;
        double sum = f_(x_.data()).c;
        c_(x_.data(), out_.data());
        for (int j = 0; j < m_; ++j) sum += multipliers[j] * out_[j].c;
        hessian[i * n_ + k] = sum;
        x_[i].a = x_[k].b = 0;
      }
    return Status::running;
  }

  int calls = 0;
  Status answer = Status::running;  // of every call after the first `calls_before_answer`
  int calls_before_answer = 0;

 private:
  void set(const double* x) {
    for (int i = 0; i < n_; ++i) x_[i] = x[i];
  }
  int n_, m_;
  std::function<HyperDual(const HyperDual*)> f_;
  std::function<void(const HyperDual*, HyperDual*)> c_;
  std::vector<HyperDual> x_, out_;
};

}  // namespace fastcalc
