// linalg: a Gram matrix in double-double solved: which columns depend on earlier ones, solutions, and the inverse.
//
// Comes in: A, symmetric, of columns of any length; right-hand sides. Goes out: x with A x = b, A⁻¹. The idea: RᵀR = A, each column first
// scaled by a power of two to a length near 1, in the user's own order. A column of which elimination leaves next to nothing is a
// combination of those before it, with coefficients that R gives; it is left out. Errors grow with the square of the condition number, as
// they must with AᵀA, but from 2⁻¹⁰⁴.
#pragma once

#include <vector>

#include "../base/interrupt.hpp"
#include "double_double.hpp"

namespace fastcalc {

using Precise = DoubleDouble<double>;

/// Row by row.
struct PreciseMatrix {
  PreciseMatrix(int rows, int columns) : rows(rows), columns(columns), entry(static_cast<std::size_t>(rows) * columns) {}
  Precise& operator()(int i, int j) { return entry[static_cast<std::size_t>(i) * columns + j]; }
  const Precise& operator()(int i, int j) const { return entry[static_cast<std::size_t>(i) * columns + j]; }
  int rows, columns;
  std::vector<Precise> entry;
};

/// to[k] += (high + low) from[k] for `count` pairs of high and low: see add_multiple.hpp.
using AddMultiple = void (*)(double* to, const double* from, double high, double low, int count);

class PreciseCholesky {
 public:
  /// Of [A B], A n × n, its upper triangle is read. A column is dependent where elimination leaves less than `tolerance` of its length.
  /// The interrupt is asked for each row, of which a thousand columns have some 100 000 products.
  PreciseCholesky(const PreciseMatrix& a, double tolerance, AddMultiple add_multiple, Interrupt* interrupt = nullptr);

  /// Then nothing that was found means anything.
  bool interrupted() const { return interrupted_; }

  int size() const { return static_cast<int>(dependent_.size()); }
  bool is_dependent(int j) const { return dependent_[j]; }
  int rank() const;

  /// Q with RᵀQ = B: the sum of the squares of its column is what the columns of A explain of bᵀb.
  const Precise& carried(int i, int column) const { return factor_(i, size() + column); }
  /// A⁻¹ B over the columns that are not dependent, zeros for the others.
  PreciseMatrix solution() const;
  /// The same for another B.
  PreciseMatrix solution(PreciseMatrix b) const;
  /// A⁻¹ over the columns that are not dependent, zeros for the others.
  PreciseMatrix inverse();
  /// A basis of the directions that A maps to 0, a row each: 1 for a dependent column, minus what it is made of for the others.
  PreciseMatrix null_space();

 private:
  void solve_upper(PreciseMatrix& z) const;
  bool must_stop();

  PreciseMatrix factor_;  // [R Q], zeros in the rows of dependent columns, but not in their columns
  std::vector<bool> dependent_;
  AddMultiple add_multiple_;
  Interrupt* interrupt_;
  bool interrupted_ = false;
};

}  // namespace fastcalc
