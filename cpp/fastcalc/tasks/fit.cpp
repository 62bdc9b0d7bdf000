// tasks: see fit.hpp.
#include "fit.hpp"

#include <algorithm>
#include <cmath>

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
