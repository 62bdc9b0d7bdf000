// kernel tests: solve, minimisation. Objectives with derivatives by hand; what is checked is where the loops end, and how.
#include <functional>
#include <string>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/matrix.hpp"
#include "fastcalc/solve/descent/trust_step.hpp"
#include "fastcalc/solve/minimize.hpp"

using namespace fastcalc;

namespace {

using Vector = std::vector<double>;

/// Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)².
class Rosenbrock : public Objective {
 public:
  explicit Rosenbrock(int n) : n_(n) {}
  int size() const override { return n_; }
  Status value(const double* x, double* f) override {
    Vector g(n_);
    return gradient(x, f, g.data());
  }
  Status gradient(const double* x, double* f, double* g) override {
    ++calls;
    *f = 0;
    std::fill_n(g, n_, 0.0);
    for (int i = 0; i + 1 < n_; ++i) {
      const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
      *f += 100 * a * a + b * b;
      g[i] += -400 * x[i] * a - 2 * b;
      g[i + 1] += 200 * a;
    }
    return calls > calls_before_answer ? answer : Status::running;
  }
  Status hessian(const double* x, double* h) override {
    std::fill_n(h, n_ * n_, 0.0);
    for (int i = 0; i + 1 < n_; ++i) {
      h[i * n_ + i] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
      h[(i + 1) * n_ + i + 1] += 200;
      h[i * n_ + i + 1] = h[(i + 1) * n_ + i] = -400 * x[i];
    }
    return Status::running;
  }
  Status product(const double* x, const double* v, double* product) override {
    h_.resize(n_ * n_);
    hessian(x, h_.data());
    for (int i = 0; i < n_; ++i) product[i] = dot(&h_[i * n_], v, n_);
    return Status::running;
  }
  int calls = 0, calls_before_answer = 0;
  Status answer = Status::running;

 private:
  int n_;
  Vector h_;
};

/// ½ xᵀA x − bᵀx + ¼ Σ c x⁴.
class Quartic : public Objective {
 public:
  Quartic(Vector a, Vector b, double c) : n_(static_cast<int>(b.size())), a_(std::move(a)), b_(std::move(b)), c_(c) {}
  int size() const override { return n_; }
  Status value(const double* x, double* f) override {
    Vector g(n_);
    return gradient(x, f, g.data());
  }
  Status gradient(const double* x, double* f, double* g) override {
    *f = 0;
    for (int i = 0; i < n_; ++i) {
      const double ax = dot(&a_[i * n_], x, n_), cube = c_ * x[i] * x[i] * x[i];
      g[i] = ax - b_[i] + cube;
      *f += x[i] * (ax / 2 - b_[i] + cube / 4);
    }
    return Status::running;
  }
  Status hessian(const double* x, double* h) override {
    std::copy(a_.begin(), a_.end(), h);
    for (int i = 0; i < n_; ++i) h[i * n_ + i] += 3 * c_ * x[i] * x[i];
    return Status::running;
  }
  Status product(const double* x, const double* v, double* product) override {
    for (int i = 0; i < n_; ++i) product[i] = dot(&a_[i * n_], v, n_) + 3 * c_ * x[i] * x[i] * v[i];
    return Status::running;
  }

 private:
  int n_;
  Vector a_, b_;
  double c_;
};

ProfileMatrix profile_of(const Vector& full, int n) {
  ProfileMatrix out(n);
  for (int i = 0; i < n; ++i) {
    int first = 0;
    while (first < i && full[i * n + first] == 0) ++first;
    std::copy(full.begin() + i * n + first, full.begin() + i * n + i + 1, out.append(first) + first);
  }
  return out;
}

/// Rosenbrock's function, of whose Hessian the three diagonals are stored, row by row.
class BandedRosenbrock final : public Rosenbrock {
 public:
  BandedRosenbrock(int n, std::vector<std::int32_t> order) : Rosenbrock(n) {
    pattern_.order = std::move(order);
    for (int i = 0; i < n; ++i) {
      pattern_.first.push_back(pattern_.columns.size());
      for (int j = std::max(0, i - 1); j <= std::min(n - 1, i + 1); ++j) pattern_.columns.push_back(j);
    }
    pattern_.first.push_back(pattern_.columns.size());
  }
  const HessianPattern* pattern() const override { return &pattern_; }
  Status hessian(const double* x, double* entries) override {
    const int n = size();
    Vector full(n * n);
    const Status status = Rosenbrock::hessian(x, full.data());
    for (int i = 0; i < n; ++i)
      for (auto e = pattern_.first[i]; e < pattern_.first[i + 1]; ++e) entries[e] = full[i * n + pattern_.columns[e]];
    return status;
  }

 private:
  HessianPattern pattern_;
};

MinimizeResult run(Method method, Objective& objective, const Vector& start, const MinimizeOptions& options = {}, const Vector& lower = {},
                   const Vector& upper = {}) {
  return minimize(method, objective, start, lower, upper, options, nullptr, nullptr);
}

const Method second_order[] = {Method::newton, Method::newton_cg, Method::bfgs, Method::l_bfgs};

}  // namespace

TEST(every_method_of_second_order_finds_rosenbrocks_minimum) {
  for (const Method method : second_order)
    for (const int n : {2, 9}) {
      Rosenbrock objective(n);
      const MinimizeResult result = run(method, objective, Vector(n, 0.0));
      CHECK(result.status == Status::stationary);
      for (const double x : result.x) CHECK_NEAR(x, 1, 1e-7);  // |g| ≤ 1e-8, least curvature about ½
      CHECK(result.evaluations == objective.calls);
    }
}

TEST(barzilai_and_borwein_need_far_fewer_steps_than_armijo) {
  MinimizeOptions options;
  options.limits.iterations = 100'000;
  Rosenbrock objective(2);
  const auto slow = run(Method::gradient_descent_armijo, objective, {-1.2, 1}, options);
  const auto fast = run(Method::gradient_descent_barzilai_borwein, objective, {-1.2, 1}, options);
  CHECK(slow.status == Status::stationary);
  CHECK(fast.status == Status::stationary);
  CHECK(20 * fast.iterations < slow.iterations);
}

TEST(a_saddle_point_is_left_by_every_method) {
#define METHOD(NAME, DESCENT, SEARCH)                                  \
  {                                                                    \
    Quartic objective({2, 0, 0, -2}, {0, 0}, 4);                       \
    MinimizeOptions options;                                           \
    options.rate = 0.05;                                               \
    options.limits.iterations = 100'000;                               \
    const auto result = run(Method::NAME, objective, {0, 0}, options); \
    CHECK(succeeded(result.status));                                   \
    CHECK_NEAR(std::abs(result.x[1]), std::sqrt(0.5), 1e-7);           \
  }
#include "fastcalc/solve/methods.def"
#undef METHOD
}

TEST(a_saddle_point_without_curvature_is_left_by_every_method_and_a_minimum_without_it_by_none) {
  // f = ½ (x₀ + 2 x₁)² ∓ x₀⁴ ∓ x₁⁴: at 0 the Hessian is singular along (2, −1).
#define METHOD(NAME, DESCENT, SEARCH)                                \
  {                                                                  \
    MinimizeOptions options;                                         \
    options.limits.iterations = 5000;                                \
    Quartic saddle({1, 2, 2, 4}, {0, 0}, -4);                        \
    CHECK(run(Method::NAME, saddle, {0, 0}, options).f < 0);         \
    Quartic bowl({1, 2, 2, 4}, {0, 0}, 4);                           \
    const auto result = run(Method::NAME, bowl, {0, 0}, options);    \
    CHECK(result.status == Status::stationary && result.f == 0);     \
    CHECK(result.evaluations <= 7);                                  \
    options.limits.evaluations = 1;                                  \
    const auto limited = run(Method::NAME, saddle, {0, 0}, options); \
    CHECK(limited.status == Status::max_evaluations);                \
  }
#include "fastcalc/solve/methods.def"
#undef METHOD
}

TEST(bounds_hold_the_components_that_the_slope_pushes_out) {
  for (const Method method : second_order) {
    Quartic objective({3, 1, 1, 2}, {-5, 8}, 0);
    const auto result = run(method, objective, {0, 0}, {}, {-1, -1}, {1, 2});
    CHECK(result.status == Status::stationary);
    // free: x = A⁻¹b = (−3.6, 5.8); the nearest corner (−1, 2) has the slopes −3 + 2 + 5 > 0 and −1 + 4 − 8 < 0
    CHECK(result.x[0] == -1);
    CHECK(result.x[1] == 2);
  }
}

TEST(the_hard_case_of_a_trust_region_steps_along_the_least_curvature) {
  // g has no part along e₂, where the curvature is −1: Newton's equation alone gives a step shorter than the radius.
  double g[] = {0.1, 0}, p[2];
  const ProfileMatrix h = profile_of({1, 0, 0, -1}, 2);
  TrustStep step(2);
  step.take(h);
  const double lambda = step.solve(g, 2, 0, p);
  CHECK(lambda >= 1);
  CHECK_NEAR(norm(p, 2), 2, 0.21);
  CHECK(std::abs(p[1]) > 1.7);
  // the least value on the sphere: along e₁ −0.1/2, across −½ (4 − 0.0025)
  CHECK(step.model(g, p) < 0.9 * (-0.5 * 0.05 - 0.5 * (4 - 0.0025)));
}

TEST(a_trust_step_meets_its_equation) {
  double h[] = {2, 1, 0, 1, -3, 1, 0, 1, 1}, p[3];
  const double g[] = {1, -2, 0.5};
  const ProfileMatrix profile = profile_of({h, h + 9}, 3);
  TrustStep step(3);
  step.take(profile);
  for (const double radius : {0.01, 0.3, 5.0}) {
    const double lambda = step.solve(g, radius, 0, p);
    CHECK(std::abs(norm(p, 3) - radius) <= 0.1 * radius);
    for (int i = 0; i < 3; ++i) CHECK_NEAR(dot(h + 3 * i, p, 3) + lambda * p[i], -g[i], 1e-9);
  }
}

TEST(the_profile_changes_no_number) {
  // An arrow whose head is last: every row has one entry and the diagonal.
  constexpr int n = 30;
  Vector a(n * n, 0.0);
  for (int i = 0; i < n; ++i) a[i * n + i] = 2 + i;
  for (int j = 0; j + 1 < n; ++j) a[(n - 1) * n + j] = a[j * n + n - 1] = 0.3;
  Vector x(n, 1.0), b(n);
  const ProfileMatrix profile = profile_of(a, n);
  CHECK(profile.first(n - 2) == n - 2);
  CHECK(profile.first(n - 1) == 0);
  ProfileFactor factor(n);
  CHECK(factor.decompose(profile, 0.5));
  factor.solve(x.data());
  profile.multiply(x.data(), b.data());
  for (int i = 0; i < n; ++i) CHECK_NEAR(b[i] + 0.5 * x[i], 1, 1e-14);
  CHECK(!factor.decompose(profile, -2.5));
}

TEST(a_sparse_hessian_takes_the_steps_of_the_full_one_in_any_order) {
  constexpr int n = 12;
  Vector start(n, -1.0), lower(n, -2.0), upper(n, 2.0);
  lower[3] = upper[3] = 0.25;  // a variable that is fixed
  upper[7] = 0.5;              // a bound that holds
  std::vector<std::int32_t> rising(n), scattered(n);
  for (int i = 0; i < n; ++i) rising[i] = i, scattered[i] = 5 * i % n;
  for (const bool bounded : {false, true}) {
    Rosenbrock full(n);
    const auto box = [&](const Vector& bound) { return bounded ? bound : Vector{}; };
    const MinimizeResult expected = run(Method::newton, full, start, {}, box(lower), box(upper));
    CHECK(expected.status == Status::stationary);
    for (const auto& order : {rising, scattered}) {
      BandedRosenbrock sparse(n, order);
      const MinimizeResult result = run(Method::newton, sparse, start, {}, box(lower), box(upper));
      CHECK(result.status == Status::stationary);
      CHECK(result.iterations == expected.iterations);
      for (int i = 0; i < n; ++i) CHECK_NEAR(result.x[i], expected.x[i], 1e-7);  // rounding differs by the order of elimination
      CHECK(result.matrix.size() == 3 * n - 2);
      CHECK(result.matrix.back() == 200);
    }
  }
}

TEST(each_limit_has_its_status) {
  Rosenbrock objective(2);
  MinimizeOptions options;
  options.limits.iterations = 3;
  CHECK(run(Method::newton, objective, {-1.2, 1}, options).status == Status::max_iterations);
  options.limits = {};
  options.limits.evaluations = 5;
  const auto result = run(Method::bfgs, objective, {-1.2, 1}, options);
  CHECK(result.status == Status::max_evaluations);
  CHECK(result.evaluations == 5);
  options.limits = {};
  options.limits.seconds = 0.01;
  options.rate = 1e-15;
  CHECK(run(Method::gradient_descent, objective, {-1.2, 1}, options).status == Status::max_time);
  options.limits = {};
  options.rate = 1;
  CHECK(run(Method::gradient_descent, objective, {-1.2, 1}, options).status == Status::diverged);
}

TEST(what_the_objective_answers_ends_the_loop) {
  for (const Method method : second_order) {
    Rosenbrock objective(2);
    objective.answer = Status::guard_failed;
    objective.calls_before_answer = 4;
    CHECK(run(method, objective, {-1.2, 1}).status == Status::guard_failed);
  }
}

TEST(steps_allocate_nothing) {
#define METHOD(NAME, DESCENT, SEARCH)                         \
  {                                                           \
    Rosenbrock objective(2);                                  \
    double v[2] = {1, 1}, product[2];                         \
    objective.product(v, v, product);                         \
    long needed[2];                                           \
    for (const int iterations : {2, 12}) {                    \
      MinimizeOptions options;                                \
      options.limits.iterations = iterations;                 \
      const long before = check::allocations;                 \
      run(Method::NAME, objective, {-1.2, 1}, options);       \
      needed[iterations == 12] = check::allocations - before; \
    }                                                         \
    CHECK(needed[0] == needed[1]);                            \
  }
#include "fastcalc/solve/methods.def"
#undef METHOD
}
