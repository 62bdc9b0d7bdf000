// tasks: derivatives by differences, for functions that are no programs. Comes in: a function. Goes out: it and its derivative.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "traced.hpp"

namespace fastcalc {

/// A model by its values and, column after column, its Jacobian (null when only values are asked).
using StoredModel = std::function<Status(const double* x, double* values, double* jacobian)>;

/// A model known by its values alone, with its Jacobian by differences of second order that stay inside the box. `accuracy`: the
/// relative error of the values. A step is relative to the parameter's own size, but at least to `share` of the largest one's: 0 where
/// each has a unit of its own.
StoredModel by_differences(ValueAt values, int parameters, std::int64_t rows, std::vector<double> lower, std::vector<double> upper,
                           double accuracy = std::numeric_limits<double>::epsilon(), double share = 0);

/// An objective known by its values: f and, behind it, its gradient.
ValueAt gradient_by_differences(ValueAt value, int n, std::vector<double> lower, std::vector<double> upper);

/// Of f and its gradient, the gradient to `accuracy`: the Hessian, symmetric.
ValueAt hessian_by_differences(ValueAt value_and_gradient, int n, std::vector<double> lower, std::vector<double> upper, double accuracy);

/// Of the same: the Hessian times a direction, (g(x + h v) − g(x − h v)) / 2h.
ProductAt product_by_differences(ValueAt value_and_gradient, int n, double accuracy);

}  // namespace fastcalc
