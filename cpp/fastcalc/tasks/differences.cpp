// tasks: see differences.hpp.
#include "differences.hpp"

#include <algorithm>
#include <cmath>

#include "../linalg/matrix.hpp"

namespace fastcalc {

// f′(x) = (f(x + h) − f(x − h)) / 2h + O(h²), or (−3 f(x) + 4 f(x + h) − f(x + 2h)) / 2h + O(h²) at a bound; truncation h² and
// rounding ε/h balance at h = ε^(1/3), where ε is the accuracy of f, relative to the size of x.
StoredModel by_differences(ValueAt values, int parameters, std::int64_t rows, std::vector<double> lower, std::vector<double> upper,
                           double accuracy, double share) {
  return [=, point = std::vector<double>(parameters), near = std::vector<double>(rows), far = std::vector<double>(rows)](
             const double* x, double* value, double* jacobian) mutable {
    Status status = values(x, value);
    if (status != Status::running || !jacobian) return status;
    std::copy_n(x, parameters, point.begin());
    double largest = 0;
    for (int j = 0; j < parameters; ++j) largest = std::max(largest, std::abs(x[j]));
    for (int j = 0; j < parameters; ++j) {
      double* column = jacobian + j * rows;
      if (lower[j] == upper[j]) {
        std::fill_n(column, rows, 0.0);
        continue;
      }
      const double size = std::max(std::abs(x[j]), share * largest);
      double h = std::cbrt(accuracy) * (size == 0 ? 1.0 : size);
      h = std::min(h, (upper[j] - lower[j]) / 4);
      const bool central = x[j] - h >= lower[j] && x[j] + h <= upper[j];
      if (!central && x[j] + 2 * h > upper[j]) h = -h;
      const auto at = [&](double place, std::vector<double>& out) {
        point[j] = place;
        return values(point.data(), out.data());
      };
      status = at(x[j] + h, near);
      const double step = point[j] - x[j];  // the step that rounding left
      if (status == Status::running) status = at(central ? x[j] - step : x[j] + 2 * step, far);
      if (status != Status::running) return status;
      for (std::int64_t i = 0; i < rows; ++i) column[i] = (central ? near[i] - far[i] : 4 * near[i] - 3 * value[i] - far[i]) / (2 * step);
      point[j] = x[j];
    }
    return status;
  };
}

ValueAt gradient_by_differences(ValueAt value, int n, std::vector<double> lower, std::vector<double> upper) {
  return [model = by_differences(std::move(value), n, 1, std::move(lower), std::move(upper))](const double* x, double* both) {
    return model(x, both, both + 1);
  };
}

ValueAt hessian_by_differences(ValueAt value_and_gradient, int n, std::vector<double> lower, std::vector<double> upper, double accuracy) {
  ValueAt gradient = [both = std::vector<double>(n + 1), value_and_gradient, n](const double* x, double* g) mutable {
    const Status status = value_and_gradient(x, both.data());
    std::copy_n(both.data() + 1, n, g);
    return status;
  };
  StoredModel model = by_differences(std::move(gradient), n, n, std::move(lower), std::move(upper), accuracy, 0.1);
  return [model = std::move(model), g = std::vector<double>(n), n](const double* x, double* hessian) mutable {
    const Status status = model(x, g.data(), hessian);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j) {
        const std::size_t ij = static_cast<std::size_t>(i) * n + j, ji = static_cast<std::size_t>(j) * n + i;
        hessian[ij] = hessian[ji] = (hessian[ij] + hessian[ji]) / 2;
      }
    return status;
  };
}

ProductAt product_by_differences(ValueAt value_and_gradient, int n, double accuracy) {
  return [=, point = std::vector<double>(n), ahead = std::vector<double>(n + 1), behind = std::vector<double>(n + 1)](
             const double* x, const double* v, double* product) mutable {
    const double length = norm(v, n);
    std::fill_n(product, n, 0.0);
    if (length == 0) return Status::running;
    const double h = std::cbrt(accuracy) * std::max(norm(x, n), 1.0) / length;
    for (const double sense : {1.0, -1.0}) {
      for (int i = 0; i < n; ++i) point[i] = x[i] + sense * h * v[i];
      const Status status = value_and_gradient(point.data(), (sense > 0 ? ahead : behind).data());
      if (status != Status::running) return status;
    }
    for (int i = 0; i < n; ++i) product[i] = (ahead[i + 1] - behind[i + 1]) / (2 * h);
    return Status::running;
  };
}

}  // namespace fastcalc
