// tasks: see fit.hpp.
#include "fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../linalg/triangular.hpp"

namespace fastcalc {

bool agrees(const Program& program, Workspace& workspace, std::int64_t first, std::span<const double> function, const double* weights) {
  const Rows rows{first, first + static_cast<std::int64_t>(function.size())}, all = all_rows(program);
  if (rows.last > all.last) return false;
  if ((rows.first != all.first || rows.last != all.last) && !is_by_row(program)) return false;
  std::vector<double> values(function.size());
  if (engine().values(program, workspace, rows, values.data(), nullptr) != Status::running) return false;

  const auto weight = [&](std::size_t i) { return weights ? std::abs(weights[first + i]) : 1.0; };
  double largest = 0;
  for (std::size_t i = 0; i < function.size(); ++i)
    if (std::isfinite(function[i])) largest = std::max(largest, std::abs(function[i]) * weight(i));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double a = values[i], b = function[i];
    const bool finite = std::isfinite(a) && std::isfinite(b);
    if (finite ? std::abs(a - b) * weight(i) > 1e-9 * largest : a != b && !(std::isnan(a) && std::isnan(b))) return false;
  }
  return true;
}

std::int64_t StreamedFit::residuals() const { return result_size(traced_.program()); }

template <class Evaluate>
Status StreamedFit::run(const double* x, const Evaluate& evaluate) {
  return traced_.at(x, [&](const Loan& loan) {
    loan.bind(data_.data(), x);
    return evaluate(loan.program(), loan.workspace());
  });
}

Status StreamedFit::gram(const double* x, double* matrix) {
  return run(x, [&](const Program& program, Workspace& workspace) { return engine().gram(program, workspace, matrix, interrupt_); });
}

Status StreamedFit::triangle(const double* x, double* matrix) {
  return run(x, [&](const Program& program, Workspace& workspace) { return engine().triangle(program, workspace, matrix, interrupt_); });
}

StoredModel by_jacobian(std::function<Status(const double*, double*)> values, std::function<Status(const double*, double*)> jacobian) {
  return [=](const double* x, double* value, double* matrix) {
    const Status status = values(x, value);
    return status == Status::running && matrix ? jacobian(x, matrix) : status;
  };
}

// f′(x) = (f(x + h) − f(x − h)) / 2h + O(h²), or (−3 f(x) + 4 f(x + h) − f(x + 2h)) / 2h + O(h²) at a bound; truncation h² and
// rounding ε/h balance at h = ε^(1/3), relative to the size of x.
StoredModel by_differences(std::function<Status(const double*, double*)> values, int parameters, std::int64_t rows,
                           std::vector<double> lower, std::vector<double> upper) {
  return [=, point = std::vector<double>(parameters), near = std::vector<double>(rows), far = std::vector<double>(rows)](
             const double* x, double* value, double* jacobian) mutable {
    Status status = values(x, value);
    if (status != Status::running || !jacobian) return status;
    std::copy_n(x, parameters, point.begin());
    for (int j = 0; j < parameters; ++j) {
      double* column = jacobian + j * rows;
      if (lower[j] == upper[j]) {
        std::fill_n(column, rows, 0.0);
        continue;
      }
      double h = std::cbrt(std::numeric_limits<double>::epsilon()) * std::max(std::abs(x[j]), x[j] == 0 ? 1.0 : 0.0);
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

StoredFit::StoredFit(StoredModel model, int parameters, std::span<const double> y, const double* weights, std::vector<double> whitener)
    : model_(std::move(model)),
      parameters_(parameters),
      y_(y),
      weights_(weights),
      whitener_(std::move(whitener)),
      matrix_(y.size() * (parameters + 1)) {
  for (int j = 0; j <= parameters; ++j) at_.push_back(matrix_.data() + j * y.size());
}

Status StoredFit::evaluate(const double* x) {
  const std::size_t rows = y_.size();
  double* residual = matrix_.data() + parameters_ * rows;
  const Status status = model_(x, residual, matrix_.data());
  if (status != Status::running) return status;
  for (std::size_t i = 0; i < rows; ++i) residual[i] -= y_[i];
  for (int j = 0; j <= parameters_; ++j) {
    double* column = matrix_.data() + j * rows;
    if (weights_)
      for (std::size_t i = 0; i < rows; ++i) column[i] *= weights_[i];
    if (!whitener_.empty()) solve_lower({whitener_.data(), static_cast<int>(rows)}, static_cast<int>(rows), column);
  }
  return Status::running;
}

Status StoredFit::gram(const double* x, double* matrix) {
  const Status status = evaluate(x);
  if (status == Status::running) engine().gram_of(columns(), matrix);
  return status;
}

Status StoredFit::triangle(const double* x, double* matrix) {
  const Status status = evaluate(x);
  if (status == Status::running) engine().triangle_of(columns(), matrix);
  return status;
}

}  // namespace fastcalc
