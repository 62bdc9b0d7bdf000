// kernel tests: least-squares problems from a lambda.
//
// Comes in: r(x, out), written once over `auto` numbers. Goes out: a LeastSquaresProblem. Its Jacobian is exact to rounding and
// owes nothing to the library: Im r(x + i h e_j) / h with h = 1e-200 (the complex step; Squire and Trapp 1998, SIAM Review 40, 110).
#pragma once

#include <complex>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "fastcalc/linalg/gram.hpp"
#include "fastcalc/linalg/triangle.hpp"
#include "fastcalc/solve/least_squares.hpp"

namespace fastcalc {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

template <class Residuals>
class LambdaProblem : public LeastSquaresProblem {
 public:
  LambdaProblem(int n, int m, Residuals residuals)
      : n_(n), m_(m), residuals_(residuals), block_(static_cast<std::size_t>(n + 1) * block_rows), rows_((n + 1) * m), gram_(n + 1), triangle_(n + 1) {}
  int parameters() const override { return n_; }
  std::int64_t residuals() const override { return m_; }
  Status gram(const double* x, double* matrix) override { return accumulate(x, gram_, matrix); }
  Status triangle(const double* x, double* matrix) override { return accumulate(x, triangle_, matrix); }

  Status answer = Status::running;  // what both return
  int calls = 0;
  int calls_before_answer = 0;
  const double* lower = nullptr;  // when set, every x is checked against them
  const double* upper = nullptr;
  bool left_the_box = false;

 private:
  template <class Accumulator>
  Status accumulate(const double* x, Accumulator& accumulator, double* matrix) {
    for (int j = 0; lower && j < n_; ++j) left_the_box |= !(x[j] >= lower[j] && x[j] <= upper[j]);
    if (calls++ >= calls_before_answer && answer != Status::running) return answer;
    constexpr double h = 1e-200;
    std::vector<std::complex<double>> z(x, x + n_), r(m_);
    for (int j = 0; j < n_; ++j) {
      z[j].imag(h);
      residuals_(z.data(), r.data());
      z[j].imag(0);
      for (int i = 0; i < m_; ++i) rows_[j * m_ + i] = r[i].imag() / h;
    }
    residuals_(x, &rows_[n_ * m_]);
    std::vector<const double*> column(n_ + 1);
    const std::vector<std::uint8_t> step(n_ + 1, 1);
    for (int j = 0; j <= n_; ++j) column[j] = block_.data() + static_cast<std::size_t>(j) * block_rows;
    for (int row = 0; row < m_; row += block_rows) {
      const int rows = std::min(block_rows, m_ - row);
      std::fill_n(block_.data(), block_.size(), not_a_number);  // what lies beyond the rows must not matter
      for (int j = 0; j <= n_; ++j) std::copy_n(&rows_[j * m_ + row], rows, block_.data() + static_cast<std::size_t>(j) * block_rows);
      accumulator.add(column.data(), step.data(), rows);
    }
    accumulator.finish(matrix);
    return Status::running;
  }

  int n_, m_;
  Residuals residuals_;
  AlignedBuffer block_;
  std::vector<double> rows_;
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

}  // namespace fastcalc
