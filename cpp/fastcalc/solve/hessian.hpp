// solve: the Hessian as the model of a step reads it, however its entries are stored.
//
// Comes in: the entries that Objective::hessian gave. Goes out: the profile of the matrix, in an order of the variables in which it is
// small; the part of it that some of the variables have; products.
#pragma once

#include <cstdint>
#include <vector>

#include "../linalg/profile.hpp"
#include "problem.hpp"

namespace fastcalc {

class Hessian {
 public:
  /// Without a pattern, all entries are stored and the order is the variables' own.
  Hessian(int n, const HessianPattern* pattern);

  /// As they are stored, to be written; `take` reads them, and is false where one is not finite.
  std::vector<double>& entries() { return entries_; }
  bool take();

  /// Its row and column k are those of variable order()[k].
  const ProfileMatrix& ordered() const { return ordered_; }
  const std::vector<std::int32_t>& order() const { return order_; }

  /// The rows and columns of the variables that are free, in this order.
  void part(const std::uint8_t* free, ProfileMatrix& part);

  /// H v, of vectors in the variables' own order.
  void multiply(const double* v, double* product);

 private:
  int n_;
  bool all_;  // entries are stored
  std::vector<double> entries_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> row_, column_;  // in the ordered matrix, of each entry of the pattern
  ProfileMatrix ordered_;
  // Where they are asked for: the free variables before each of the ordered ones; vectors in that order.
  std::vector<int> free_before_;
  std::vector<double> v_, product_;
};

}  // namespace fastcalc
