// solve: where the gradient vanishes, is it a minimum? Comes in: a stationary iterate. Goes out: a lower point, if there is a direction
// of negative curvature, or one without curvature along which f is seen to fall.
//
// Lanczos' iteration from an arbitrary start finds the least eigenvalue of H in a few products (Nocedal and Wright 2006, section 5.1;
// Golub and Van Loan 2013, section 10.1): all of them where n is small. Its eigenvector is built up in a second pass, so that only three
// vectors are kept.
#pragma once

#include <functional>
#include <vector>

#include "iterate.hpp"

namespace fastcalc {

class Saddle {
 public:
  /// `multiply(v, out)`: out = H v at the point.
  using Multiply = std::function<Status(const double* v, double* out)>;

  /// `gtol`: a slope that is called 0.
  Saddle(Minimand& minimand, double gtol) : minimand_(minimand), gtol_(gtol) {}

  /// Whether `lower` has become a lower point along the direction of least curvature.
  bool leave(const Iterate& point, const Multiply& multiply, Iterate& lower);

 private:
  /// A unit vector of least curvature; empty where that is positive. `flat`: it is 0, to rounding.
  struct Direction {
    std::vector<double> v;
    bool flat = false;
  };
  Direction least_curved(const Iterate& point, const Multiply& multiply);

  bool falls_along(const Iterate& point, const std::vector<double>& v, double sense, Iterate& lower);
  bool is_seen_to_fall(const Iterate& point, const std::vector<double>& v, double sense, Iterate& lower);
  bool evaluate_beside(const Iterate& point, const std::vector<double>& v, double t, Iterate& beside);

  static constexpr int most = 60;
  Minimand& minimand_;
  double gtol_;
};

}  // namespace fastcalc
