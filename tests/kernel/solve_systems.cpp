// kernel tests: solve, systems of equations. The problems are those that MINPACK's hybrd and hybrj are tested with, of Moré, Garbow and
// Hillstrom 1981, ACM TOMS 7, 17 (numbers as there), from their starts and from ten times them.
#include <complex>
#include <functional>
#include <numbers>

#include "check.hpp"
#include "fastcalc/linalg/matrix.hpp"
#include "fastcalc/solve/root.hpp"

using namespace fastcalc;

namespace {

using Vector = std::vector<double>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// F(x, out), written once over `auto` numbers; its Jacobian by the complex step, exact to rounding.
template <class Function>
class Lambda final : public Equations {
 public:
  Lambda(int n, Function function) : n_(n), function_(function), z_(n), w_(n) {}
  int size() const override { return n_; }
  int equations() const override { return n_; }
  Status values(const double* x, double* values) override {
    function_(x, values);
    return Status::running;
  }
  Status jacobian(const double* x, double* values, double* jacobian) override {
    for (int j = 0; j < n_; ++j) {
      for (int i = 0; i < n_; ++i) z_[i] = {x[i], i == j ? 1e-30 : 0.0};
      function_(z_.data(), w_.data());
      for (int i = 0; i < n_; ++i) jacobian[i * n_ + j] = w_[i].imag() / 1e-30;
    }
    ++calls;
    return calls > answer_after ? answer : this->values(x, values);
  }
  int calls = 0, answer_after = 1 << 30;
  Status answer = Status::running;

 private:
  int n_;
  Function function_;
  std::vector<std::complex<double>> z_, w_;
};

template <class Function>
RootResult root(Function function, const Vector& start, const RootOptions& options = {}) {
  const int n = static_cast<int>(start.size());
  Lambda<Function> equations(n, function);
  DenseAlgebra algebra(n);
  return find_root(equations, algebra, start, options, nullptr);
}

/// The same with those entries of the Jacobian alone that lie so near to the diagonal.
template <class Function>
RootResult root_by_band(Function function, const Vector& start, int lower, int upper) {
  struct Entries final : Equations {
    Entries(int n, Function function) : whole(n, function), matrix(n * n) {}
    int size() const override { return whole.size(); }
    int equations() const override { return whole.size(); }
    Status values(const double* x, double* values) override { return whole.values(x, values); }
    Status jacobian(const double* x, double* values, double* jacobian) override {
      const Status status = whole.jacobian(x, values, matrix.data());
      for (int i = 0; i < size(); ++i)
        for (std::int64_t k = first[i]; k < first[i + 1]; ++k) jacobian[k] = matrix[i * size() + columns[k]];
      return status;
    }
    Lambda<Function> whole;
    Vector matrix;
    std::vector<std::int64_t> first{0};
    std::vector<std::int32_t> columns;
  };
  const int n = static_cast<int>(start.size());
  Entries equations(n, function);
  for (int i = 0; i < n; ++i) {
    for (int j = std::max(0, i - lower); j <= std::min(n - 1, i + upper); ++j) equations.columns.push_back(j);
    equations.first.push_back(static_cast<std::int64_t>(equations.columns.size()));
  }
  SparseAlgebra algebra(equations.first, equations.columns, band_elimination(equations.first, equations.columns));
  return find_root(equations, algebra, start, {}, nullptr);
}

Vector times(double factor, Vector x) {
  for (double& each : x) each *= factor;
  return x;
}

/// From the start and from ten times it; `solution` empty where there are several.
template <class Function>
void solved(Function function, const Vector& start, const Vector& solution, double tolerance,
            std::initializer_list<double> factors = {1, 10}) {
  for (const double factor : factors) {
    const auto result = root(function, times(factor, start));
    CHECK(result.status == Status::root_found);
    double scale = 1;
    for (std::size_t i = 0; i < start.size(); ++i) scale = std::max(scale, std::abs(result.x[i]));
    for (const double value : result.values) CHECK_NEAR(value, 0, 1e-9 * scale);
    for (std::size_t i = 0; i < solution.size(); ++i) CHECK_NEAR(result.x[i], solution[i], tolerance);
  }
}

const auto rosenbrock = [](const auto* x, auto* f) {
  f[0] = 1.0 - x[0];
  f[1] = 10.0 * (x[1] - x[0] * x[0]);
};

const auto broyden_tridiagonal = [](int n) {
  return [n](const auto* x, auto* f) {
    for (int i = 0; i < n; ++i) {
      f[i] = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
      if (i > 0) f[i] -= x[i - 1];
      if (i < n - 1) f[i] -= 2.0 * x[i + 1];
    }
  };
};

}  // namespace

TEST(rosenbrock_1) { solved(rosenbrock, {-1.2, 1}, {1, 1}, 4 * epsilon, {1, 10, 100}); }

TEST(powell_singular_13_converges_although_j_is_singular_at_the_root) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = x[0] + 10.0 * x[1];
    f[1] = std::sqrt(5.0) * (x[2] - x[3]);
    f[2] = (x[1] - 2.0 * x[2]) * (x[1] - 2.0 * x[2]);
    f[3] = std::sqrt(10.0) * (x[0] - x[3]) * (x[0] - x[3]);
  };
  solved(f, {3, -1, 0, 1}, {0, 0, 0, 0}, 1e-13);
}

TEST(powell_badly_scaled_3) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = 1e4 * x[0] * x[1] - 1.0;
    f[1] = exp(-x[0]) + exp(-x[1]) - 1.0001;
  };
  solved(f, {0, 1}, {1.0981593296997149e-5, 9.106146739866956}, 1e-10, {1});  // the problem's condition is 1e5
}

TEST(wood_14_as_equations) {
  const auto f = [](const auto* x, auto* f) {
    const auto a = x[1] - x[0] * x[0], b = x[3] - x[2] * x[2];
    f[0] = -200.0 * x[0] * a - (1.0 - x[0]);
    f[1] = 200.0 * a + 20.2 * (x[1] - 1.0) + 19.8 * (x[3] - 1.0);
    f[2] = -180.0 * x[2] * b - (1.0 - x[2]);
    f[3] = 180.0 * b + 20.2 * (x[3] - 1.0) + 19.8 * (x[1] - 1.0);
  };
  // A saddle and other stationary points are roots of this system too.
  solved(f, {-3, -1, -3, -1}, {}, 0);
}

TEST(helical_valley_7) {
  const auto f = [](const auto* x, auto* f) {
    const double turn = std::real(x[0]) < 0 ? 0.5 : 0.0;
    f[0] = 10.0 * (x[2] - 10.0 * (atan(x[1] / x[0]) / (2 * std::numbers::pi) + turn));
    f[1] = 10.0 * (sqrt(x[0] * x[0] + x[1] * x[1]) - 1.0);
    f[2] = x[2];
  };
  solved(f, {-1, 0, 0}, {1, 0, 0}, 1e-14);
}

TEST(brown_almost_linear_27) {
  for (const int n : {5, 10}) {
    const auto f = [n](const auto* x, auto* f) {
      auto sum = -1.0 * (n + 1) + 0.0 * x[0], product = 1.0 + 0.0 * x[0];
      for (int i = 0; i < n; ++i) sum += x[i], product *= x[i];
      for (int i = 0; i < n - 1; ++i) f[i] = x[i] + sum;
      f[n - 1] = product - 1.0;
    };
    solved(f, Vector(n, 0.5), {}, 0, {1});
  }
}

TEST(discrete_boundary_value_28) {
  constexpr int n = 10;
  const double h = 1.0 / (n + 1);
  const auto f = [h](const auto* x, auto* f) {
    for (int i = 0; i < n; ++i) {
      const double t = (i + 1) * h;
      const auto u = x[i] + t + 1.0;
      f[i] = 2.0 * x[i] + h * h * u * u * u / 2.0;
      if (i > 0) f[i] -= x[i - 1];
      if (i < n - 1) f[i] -= x[i + 1];
    }
  };
  Vector start(n);
  for (int i = 0; i < n; ++i) start[i] = (i + 1) * h * ((i + 1) * h - 1);
  solved(f, start, {}, 0, {1, 10, 100});
}

TEST(discrete_integral_equation_29) {
  constexpr int n = 10;
  const double h = 1.0 / (n + 1);
  const auto f = [h](const auto* x, auto* f) {
    for (int i = 0; i < n; ++i) {
      const double t = (i + 1) * h;
      f[i] = x[i];
      for (int j = 0; j < n; ++j) {
        const double s = (j + 1) * h;
        const auto u = x[j] + s + 1.0;
        f[i] += h / 2 * (j <= i ? (1 - t) * s : t * (1 - s)) * u * u * u;
      }
    }
  };
  Vector start(n);
  for (int i = 0; i < n; ++i) start[i] = (i + 1) * h * ((i + 1) * h - 1);
  solved(f, start, {}, 0, {1, 10, 100});
}

TEST(variably_dimensioned_25) {
  constexpr int n = 10;
  const auto f = [](const auto* x, auto* f) {
    auto sum = 0.0 * x[0];
    for (int j = 0; j < n; ++j) sum += (j + 1.0) * (x[j] - 1.0);
    for (int j = 0; j < n; ++j) f[j] = x[j] - 1.0 + (j + 1.0) * sum * (1.0 + 2.0 * sum * sum);
  };
  Vector start(n);
  for (int j = 0; j < n; ++j) start[j] = 1 - (j + 1.0) / n;
  solved(f, start, Vector(n, 1.0), 1e-12, {1, 10, 100});
}

TEST(chebyquad_35) {
  // Σ_i T_j(2x_i − 1)/n = ∫ T_j: for n = 7 and 9 there is a root, the nodes of Chebyshev's quadrature; for 8 there is none.
  const auto of = [](int n) {
    return [n](const auto* x, auto* f) {
      for (int j = 0; j < n; ++j) f[j] = 0.0 * x[0];
      for (int i = 0; i < n; ++i) {
        const auto t = 2.0 * x[i] - 1.0;
        auto before = 1.0 + 0.0 * t, now = t;
        for (int j = 0; j < n; ++j) {
          f[j] += now / static_cast<double>(n);
          const auto after = 2.0 * t * now - before;
          before = now, now = after;
        }
      }
      for (int j = 1; j < n; j += 2) f[j] += 1.0 / ((j + 1.0) * (j + 1.0) - 1.0);
    };
  };
  const auto start = [](int n) {
    Vector x(n);
    for (int i = 0; i < n; ++i) x[i] = (i + 1.0) / (n + 1);
    return x;
  };
  solved(of(5), start(5), {}, 0, {1});
  solved(of(7), start(7), {0.05806914962097, 0.23517161235742, 0.33804409474004, 0.5, 0.66195590525996, 0.76482838764258, 0.94193085037903},
         1e-12, {1});
  solved(of(9), start(9), {}, 0, {1});
  const auto none = root(of(8), start(8));
  CHECK(!succeeded(none.status));
  CHECK(none.evaluations < 1000);
}

TEST(broyden_tridiagonal_30) {
  for (const int n : {1, 3, 10, 60}) solved(broyden_tridiagonal(n), Vector(n, -1.0), {}, 0, {1, 10, 100});
}

TEST(broyden_banded_31) {
  constexpr int n = 10;
  const auto f = [](const auto* x, auto* f) {
    for (int i = 0; i < n; ++i) {
      f[i] = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0;
      for (int j = std::max(0, i - 5); j <= std::min(n - 1, i + 1); ++j)
        if (j != i) f[i] -= x[j] * (1.0 + x[j]);
    }
  };
  solved(f, Vector(n, -1.0), {}, 0, {1, 10, 100});
}

TEST(a_band_by_its_entries_leads_where_the_whole_matrix_does) {
  for (const double size : {1.0, 1e200, 1e-200})  // of F: squares of J overflow, or vanish
    for (const double factor : {1, 10}) {
      const auto f = [size](const auto* x, auto* f) {
        broyden_tridiagonal(30)(x, f);
        for (int i = 0; i < 30; ++i) f[i] *= size;
      };
      const Vector start(30, -factor);
      const auto whole = root(f, start), band = root_by_band(f, start, 1, 1);
      CHECK(band.status == Status::root_found);
      CHECK(band.evaluations == whole.evaluations);
      for (int i = 0; i < 30; ++i) CHECK_NEAR(band.x[i], whole.x[i], 8 * epsilon);  // sums in another order
      CHECK(band.jacobian.size() == 3 * 30 - 2);
    }
}

TEST(a_singular_band_at_the_start_is_left) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = x[0] * x[0] - 1.0 + x[1];
    f[1] = x[1] * x[1] - x[0] * 0.25;
  };
  CHECK(root_by_band(f, {0, 0}, 1, 1).status == Status::root_found);
}

TEST(units_change_nothing) {
  // the same system in other units of x and of F: the same path
  const auto plain = root(rosenbrock, {-1.2, 1});
  for (const double unit : {1e-12, 1e12}) {
    const auto other = root(
        [=](const auto* x, auto* f) {
          const std::remove_cvref_t<decltype(x[0])> z[2] = {x[0] / unit, x[1] * unit};
          rosenbrock(z, f);
          f[0] *= unit, f[1] *= unit;
        },
        {-1.2 * unit, 1 / unit});
    CHECK(other.evaluations == plain.evaluations);
    CHECK(other.status == Status::root_found);
    CHECK_NEAR(other.x[0] / unit, 1, 8 * epsilon);
    CHECK_NEAR(other.x[1] * unit, 1, 8 * epsilon);
  }
  CHECK(plain.evaluations < 25);
}

TEST(a_singular_jacobian_at_the_start_is_left) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = x[0] * x[0] - 1.0 + x[1];
    f[1] = x[1] * x[1] - x[0] * 0.25;
  };
  const auto result = root(f, {0, 0});  // the gradient of |F|² is not zero there, but J is singular
  CHECK(result.status == Status::root_found);
}

TEST(a_minimum_of_the_norm_that_is_no_root_is_named) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = x[0] * x[0] + 1.0;
    f[1] = x[1];
  };
  const auto result = root(f, {0.7, 2});
  CHECK(result.status == Status::no_root_nearby || result.status == Status::stalled);
  CHECK(result.evaluations < 400);
  CHECK(root(f, {0, 2}).status == Status::no_root_nearby);
}

TEST(equations_without_a_unique_root) {
  const auto twice = [](const auto* x, auto* f) { f[0] = f[1] = x[0] + x[1] - 2.0; };
  const auto result = root(twice, {5, 0});
  CHECK(result.status == Status::root_found);
  CHECK_NEAR(result.x[0] + result.x[1], 2, 1e-12);
  const auto contradiction = [](const auto* x, auto* f) {
    f[0] = x[0] + x[1] - 2.0;
    f[1] = x[0] + x[1] - 3.0;
  };
  CHECK(root(contradiction, {5, 0}).status == Status::no_root_nearby);
}

TEST(what_is_not_finite_is_named_or_avoided) {
  const auto f = [](const auto* x, auto* f) {
    f[0] = log(x[0]);
    f[1] = x[1] - x[0];
  };
  // without a domain the complex logarithm would go on: NaN for a negative number, as std::log of a double
  CHECK(root(
            [&](const auto* x, auto* g) {
              f(x, g);
              if (std::real(x[0]) <= 0) g[0] = NAN;
            },
            {-1, 1})
            .status == Status::not_finite_at_start);
  const auto result = root(
      [&](const auto* x, auto* g) {
        f(x, g);
        if (std::real(x[0]) <= 0) g[0] = NAN;
      },
      {3, 1});
  CHECK(result.status == Status::root_found);
  CHECK_NEAR(result.x[0], 1, 4 * epsilon);
}

TEST(the_loop_ends_as_it_is_told) {
  const auto limited = root(rosenbrock, {-1.2, 1}, {.max_iterations = 2});
  CHECK(limited.status == Status::max_iterations);
  CHECK(limited.iterations == 2);
  Lambda equations(2, rosenbrock);
  equations.answer = Status::callback_failed;
  equations.answer_after = 3;
  DenseAlgebra algebra(2);
  const Vector start{-1.2, 1};
  CHECK(find_root(equations, algebra, start, {}, nullptr).status == Status::callback_failed);
}

TEST(a_search_by_entries_is_that_by_the_matrix) {
  const Vector start{-12, 10};  // far off: along the gradient, too
  Lambda equations(2, rosenbrock);
  DenseAlgebra dense(2);
  SparseAlgebra sparse({0, 2, 4}, {0, 1, 0, 1}, [&](const double* entries, double* b) { return dense.solve(entries, b); });
  const auto found = find_root(equations, sparse, start, {}, nullptr), other = root(rosenbrock, start);
  CHECK(found.status == Status::root_found);
  CHECK(found.iterations == other.iterations);
  for (int i = 0; i < 2; ++i) CHECK_NEAR(found.x[i], other.x[i], 4 * epsilon);
  CHECK(found.jacobian.size() == 4);
}

TEST(a_failed_elimination_ends_the_search_and_a_singular_one_does_not) {
  Lambda equations(2, rosenbrock);
  DenseAlgebra dense(2);
  const Vector start{-1.2, 1};
  int calls = 0;
  Status answer = Status::callback_failed;
  SparseAlgebra algebra({0, 2, 4}, {0, 1, 0, 1}, [&](const double* entries, double* b) {
    if (++calls == 2 && answer == Status::callback_failed) return answer;
    if (calls == 2) b[0] = NAN;
    return calls == 2 ? answer : dense.solve(entries, b);
  });
  CHECK(find_root(equations, algebra, start, {}, nullptr).status == Status::callback_failed);
  calls = 0;
  answer = Status::running;
  CHECK(find_root(equations, algebra, start, {}, nullptr).status == Status::root_found);
}

TEST(at_the_root_already) {
  const auto result = root(rosenbrock, {1, 1});
  CHECK(result.status == Status::root_found);
  CHECK(result.evaluations == 1);
}

TEST(no_equations) {
  const auto result = root([](const auto*, auto*) {}, {});
  CHECK(result.status == Status::root_found);
}
