// tasks: see constrained.hpp.
#include "constrained.hpp"

#include <memory>

namespace fastcalc {

ValueAt jacobian_by_differences(ValueAt values, int n, int m, std::vector<double> lower, std::vector<double> upper) {
  StoredModel model =
      by_differences(std::move(values), n, m, std::move(lower), std::move(upper), std::numeric_limits<double>::epsilon(), 0.1);
  return [model = std::move(model), columns = std::vector<double>(std::size_t(n) * m), n, m](const double* x, double* both) mutable {
    const Status status = model(x, both, columns.data());
    for (int j = 0; j < m; ++j)
      for (int i = 0; i < n; ++i) both[m + std::size_t(j) * n + i] = columns[std::size_t(i) * m + j];
    return status;
  };
}

ProductAt lagrangian_by_differences(ValueAt value_and_gradient, ValueAt values_and_jacobian, int n, int m, std::vector<double> lower,
                                    std::vector<double> upper, double accuracy) {
  const auto multipliers = std::make_shared<std::vector<double>>(m);
  ValueAt pair = [=, both = std::vector<double>(std::size_t(m) * (n + 1))](const double* x, double* out) mutable {
    Status status = value_and_gradient(x, out);
    if (status == Status::running) status = values_and_jacobian(x, both.data());
    for (int j = 0; j < m; ++j) {
      const double multiplier = (*multipliers)[j];
      const double* row = both.data() + m + std::size_t(j) * n;
      out[0] += multiplier * both[j];
      for (int i = 0; i < n; ++i) out[1 + i] += multiplier * row[i];
    }
    return status;
  };
  return [multipliers, hessian = hessian_by_differences(std::move(pair), n, std::move(lower), std::move(upper), accuracy)](
             const double* x, const double* given, double* matrix) {
    multipliers->assign(given, given + multipliers->size());
    return hessian(x, matrix);
  };
}

}  // namespace fastcalc
