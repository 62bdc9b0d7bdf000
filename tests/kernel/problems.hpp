// kernel tests: least-squares problems from a lambda.
//
// Comes in: r(x, out), written once over `auto` numbers. Goes out: a LeastSquaresProblem, and a few well-known ones. Its Jacobian is exact
// to rounding and owes nothing to the library: Im r(x + i h e_j) / h with h = 1e-30 (the complex step; Squire and Trapp 1998, SIAM Review
// 40, 110).
#pragma once

#include <algorithm>
#include <complex>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/gram.hpp"
#include "fastcalc/linalg/triangle.hpp"
#include "fastcalc/solve/least_squares.hpp"

namespace fastcalc {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

class LambdaProblem : public LeastSquaresProblem {
 public:
  template <class Residuals>
  LambdaProblem(int n, int m, Residuals residuals)
      : n_(n),
        m_(m),
        residuals_(residuals),
        complex_residuals_(residuals),
        block_(static_cast<std::size_t>(n + 1) * block_rows),
        rows_((n + 1) * m),
        z_(n),
        r_(m),
        column_(n + 1),
        step_(n + 1, 1),
        gram_(n + 1),
        triangle_(n + 1) {
    for (int j = 0; j <= n; ++j) column_[j] = block_.data() + static_cast<std::size_t>(j) * block_rows;
  }
  int parameters() const override { return n_; }
  std::int64_t residuals() const override { return m_; }
  Status gram(const double* x, double* matrix) override { return accumulate(x, gram_, matrix); }
  Status triangle(const double* x, double* matrix) override { return accumulate(x, triangle_, matrix); }

  int calls = 0;
  Status answer = Status::running;  // of every call after the first `calls_before_answer`
  int calls_before_answer = 0;
  std::vector<double> lower, upper;  // when set, every x is checked against them
  bool left_the_box = false;

 private:
  template <class Accumulator>
  Status accumulate(const double* x, Accumulator& accumulator, double* matrix) {
    for (std::size_t j = 0; j < lower.size(); ++j) left_the_box |= !(x[j] >= lower[j] && x[j] <= upper[j]);
    if (calls++ >= calls_before_answer && answer != Status::running) return answer;
    constexpr double h = 1e-30;
    std::copy_n(x, n_, z_.begin());
    for (int j = 0; j < n_; ++j) {
      z_[j].imag(h);
      complex_residuals_(z_.data(), r_.data());
      z_[j].imag(0);
      for (int i = 0; i < m_; ++i) rows_[j * m_ + i] = r_[i].imag() / h;
    }
    residuals_(x, &rows_[n_ * m_]);
    for (int row = 0; row < m_; row += block_rows) {
      const int rows = std::min(block_rows, m_ - row);
      std::fill_n(block_.data(), block_.size(), not_a_number);  // what lies beyond the rows must not matter
      for (int j = 0; j <= n_; ++j) std::copy_n(&rows_[j * m_ + row], rows, block_.data() + static_cast<std::size_t>(j) * block_rows);
      accumulator.add(column_.data(), step_.data(), rows);
    }
    accumulator.finish(matrix);
    return Status::running;
  }

  int n_, m_;
  std::function<void(const double*, double*)> residuals_;
  std::function<void(const std::complex<double>*, std::complex<double>*)> complex_residuals_;
  AlignedBuffer block_;
  std::vector<double> rows_;  // J and r, by columns
  std::vector<std::complex<double>> z_, r_;
  std::vector<const double*> column_;
  std::vector<std::uint8_t> step_;
  GramAccumulator gram_;
  TriangleAccumulator triangle_;
};

/// A data set of NIST's Statistical Reference Datasets, from its original file.
struct Reference {
  explicit Reference(const std::string& name) {
    std::ifstream file(std::string(FASTCALC_TEST_DATA) + "/nist/" + name + ".dat");
    std::string line, word;
    for (int number = 1; std::getline(file, line); ++number) {
      std::istringstream words(line);
      double a, b, c, d;
      char equals;
      if (number > 60 && words >> a >> b) {
        y.push_back(a);
        x.push_back(b);
      } else if (line.find("Residual Sum of Squares:") == 0) {
        sum_of_squares = std::stod(line.substr(line.find(':') + 1));
      } else if (words >> word && word[0] == 'b' && words >> equals >> a >> b >> c >> d) {
        start[0].push_back(a);
        start[1].push_back(b);
        parameters.push_back(c);
        deviations.push_back(d);
      }
    }
  }
  std::vector<double> x, y, start[2], parameters, deviations;
  double sum_of_squares = 0;
};

using Vector = std::vector<double>;

/// Solves within the problem's bounds, and checks what must always hold.
inline LeastSquaresResult solve(LambdaProblem& problem, const Vector& start, const LeastSquaresOptions& options = {}) {
  const LeastSquaresResult result = levenberg_marquardt(problem, start, problem.lower, problem.upper, options, nullptr);
  CHECK(!problem.left_the_box);
  CHECK(result.evaluations == problem.calls || problem.answer != Status::running);
  return result;
}

/// The same for a lambda that is used once.
template <class Residuals>
LeastSquaresResult solve(int n, int m, const Vector& start, Residuals residuals) {
  LambdaProblem problem(n, m, residuals);
  return solve(problem, start);
}

inline const auto rosenbrock = [](const auto* x, auto* r) {
  r[0] = 10.0 * (x[1] - x[0] * x[0]);
  r[1] = 1.0 - x[0];
};

/// y = a exp(−b t) + c at t = 4 i/m for i = 0 … m − 1, with a known disturbance; all residuals times `size`.
template <int m>
auto decay(double size = 1) {
  return [size](const auto* x, auto* r) {
    for (int i = 0; i < m; ++i) {
      const double t = 4.0 * i / m;
      r[i] = size * (x[0] * exp(-x[1] * t) + x[2] - (2.5 * std::exp(-1.3 * t) + 0.5 + 0.02 * std::sin(37.0 * i)));
    }
  };
}

/// A x − b with random entries.
struct Linear {
  Linear(int columns, int rows, int seed) : n(columns), m(rows), a(columns * rows), b(rows) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    for (double& value : a) value = normal(generator);
    for (double& value : b) value = normal(generator);
  }
  template <class T>
  void operator()(const T* x, T* r) const {
    for (int i = 0; i < m; ++i) {
      r[i] = -b[i];
      for (int j = 0; j < n; ++j) r[i] += a[i * n + j] * x[j];
    }
  }
  int n, m;
  Vector a, b;
};

}  // namespace fastcalc
