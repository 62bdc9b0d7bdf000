// solve: how far to go under constraints. A filter: a trial point must lower the violation of the constraints or the function, beyond what
// any point has that was left for the sake of the violation.
//
// Comes in: violation θ and barrier function φ of a point and of trial points. Goes out: whether a trial is taken. Wächter and Biegler
// 2006, Math. Program. 106, 25 ("WB"), section 2.3, with its constants.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

namespace fastcalc {

struct Merit {
  double violation = 0, function = 0;
};

class Filter {
 public:
  /// The violation at the start bounds what is ever accepted.
  void start(double violation) {
    largest_ = 1e4 * std::max(1.0, violation);
    small_ = 1e-4 * std::max(1.0, violation);
    corners_.clear();
  }
  void clear() { corners_.clear(); }

  /// `slope`: of φ along the whole step. False for values that are not numbers.
  bool accepts(const Merit& from, const Merit& trial, double length, double slope) const {
    if (!(trial.violation <= largest_) || !std::isfinite(trial.function)) return false;
    for (const Merit& corner : corners_)
      if (trial.violation >= corner.violation && trial.function >= corner.function) return false;
    const double rounding = 10 * std::numeric_limits<double>::epsilon() * std::abs(from.function);
    if (by_function(from, length, slope)) return trial.function - from.function <= 1e-8 * length * slope + rounding;  // Armijo: WB (20)
    return trial.violation <= (1 - violation_margin) * from.violation ||                                              // WB (18)
           trial.function - from.function <= -function_margin * from.violation + rounding;
  }

  /// A step was taken: where it did not lower the function enough, the point that it left is not returned to (WB 22).
  void take(const Merit& from, const Merit& trial, double length, double slope) {
    if (!by_function(from, length, slope) || trial.function - from.function > 1e-8 * length * slope) add(from);
  }
  void add(const Merit& left) {
    corners_.push_back({(1 - violation_margin) * left.violation, left.function - function_margin * left.violation});
  }

  /// Shorter steps need not be tried: WB (23).
  double shortest(const Merit& from, double slope) const {
    double length = violation_margin;
    if (slope < 0) {
      length = std::min(length, function_margin * from.violation / -slope);
      if (from.violation <= small_) length = std::min(length, std::pow(from.violation, 1.1) / std::pow(-slope, 2.3));
    }
    return std::max(0.05 * length, 1e-13);
  }

 private:
  static constexpr double violation_margin = 1e-5, function_margin = 1e-8;

  /// WB (19): the function falls fast against the violation.
  bool by_function(const Merit& from, double length, double slope) const {
    return from.violation <= small_ && slope < 0 && length * std::pow(-slope, 2.3) > std::pow(from.violation, 1.1);
  }

  double largest_ = std::numeric_limits<double>::infinity(), small_ = 0;
  std::vector<Merit> corners_;
};

}  // namespace fastcalc
