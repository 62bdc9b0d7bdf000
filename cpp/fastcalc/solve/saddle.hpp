// solve: where the gradient vanishes, is it a minimum? Comes in: a stationary iterate. Goes out: a lower point, if there is a direction
// of negative curvature.
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

  explicit Saddle(Minimand& minimand) : minimand_(minimand) {}

  /// Whether `lower` has become a point along a direction of negative curvature where f is lower.
  bool leave(const Iterate& point, const Multiply& multiply, Iterate& lower);

 private:
  /// A unit vector of negative curvature; empty where there is none, to rounding.
  std::vector<double> falling(const Iterate& point, const Multiply& multiply);

  static constexpr int most = 60;
  Minimand& minimand_;
};

}  // namespace fastcalc
