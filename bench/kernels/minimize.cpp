// bench: minimisation by hand, for Rosenbrock's function alone: Newton's method with a dense Cholesky factorisation, and gradient descent.
#include <algorithm>
#include <cmath>
#include <vector>

namespace {

double value_and_gradient(const double* x, int n, double* g) {
  double f = 0;
  std::fill_n(g, n, 0.0);
  for (int i = 0; i + 1 < n; ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    f += 100 * a * a + b * b;
    g[i] += -400 * x[i] * a - 2 * b;
    g[i + 1] += 200 * a;
  }
  return f;
}

void hessian(const double* x, int n, double* h) {
  std::fill_n(h, n * n, 0.0);
  for (int i = 0; i + 1 < n; ++i) {
    h[i * n + i] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
    h[(i + 1) * n + i + 1] += 200;
    h[(i + 1) * n + i] = -400 * x[i];
  }
}

// In the lower triangle, row by row; false where it is not positive definite.
bool cholesky(double* a, int n) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (int k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i == j && !(sum > 0)) return false;
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  return true;
}

}  // namespace

// Newton's direction, H + λ I where H is not positive definite, halved until f falls. Returns the iterations.
extern "C" int newton(const double* start, int n, double tolerance, double* x) {
  std::vector<double> g(n), h(n * n), l(n * n), p(n), next(n), g_next(n);
  std::copy_n(start, n, x);
  double f = value_and_gradient(x, n, g.data());
  for (int iteration = 0; iteration < 10'000; ++iteration) {
    double steepest = 0;
    for (double slope : g) steepest = std::max(steepest, std::abs(slope));
    if (steepest <= tolerance) return iteration;
    hessian(x, n, h.data());
    l = h;
    for (double shift = 1; !cholesky(l.data(), n); shift *= 4) {
      l = h;
      for (int i = 0; i < n; ++i) l[i * n + i] += shift;
    }
    for (int i = 0; i < n; ++i) {
      p[i] = -g[i];
      for (int k = 0; k < i; ++k) p[i] -= l[i * n + k] * p[k];
      p[i] /= l[i * n + i];
    }
    for (int i = n - 1; i >= 0; --i) {
      p[i] /= l[i * n + i];
      for (int k = 0; k < i; ++k) p[k] -= l[i * n + k] * p[i];
    }
    double slope = 0;
    for (int i = 0; i < n; ++i) slope += g[i] * p[i];
    for (double t = 1; t > 1e-12; t /= 2) {
      for (int i = 0; i < n; ++i) next[i] = x[i] + t * p[i];
      const double f_next = value_and_gradient(next.data(), n, g_next.data());
      if (!(f_next <= f + 1e-4 * t * slope) && t > 2e-12) continue;
      std::copy(next.begin(), next.end(), x);
      g.swap(g_next);
      f = f_next;
      break;
    }
  }
  return -1;
}

extern "C" void descend(const double* start, int n, double rate, int steps, double* x) {
  std::vector<double> g(n);
  std::copy_n(start, n, x);
  for (int step = 0; step < steps; ++step) {
    value_and_gradient(x, n, g.data());
    for (int i = 0; i < n; ++i) x[i] -= rate * g[i];
  }
}

extern "C" void newton_for_each(const double* starts, int problems, int n, double tolerance, double* found) {
  for (int k = 0; k < problems; ++k) newton(starts + k * n, n, tolerance, found + k * n);
}
