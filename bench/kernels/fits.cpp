// bench: the limit. Two fits written by hand for their very models, as a numerical programmer would who has nothing else to do:
// value, partial derivatives and all sums of a row in one pass, registers throughout, exp from libmvec, one Cholesky a step.
//
// Comes in: x, y, a start. Goes out: the Gram matrix of [J r], or the fitted parameters with their covariance. The idea: what does
// not depend on the row is left out of the loop (J = E diag(scale)), so that only the sums of products of E's columns are made.
// C ABI, for ctypes; compiled by __init__.py for the machine that it runs on.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

// glibc's math.h offers its vector exp under -ffast-math only; this offers it without.
#pragma omp declare simd notinbranch
extern "C" double exp(double) noexcept;

namespace {

// Rows at a time: a call of the vector exp saves no register, so it has a loop of its own, and its results stay in the L1 cache.
constexpr int block = 512;

// a exp(−b x) + c
struct Decay {
  static constexpr int parameters = 3;

  // With e = exp(−b x): J = [e, −a x e, 1].
  static void gram(const double* x, const double* y, std::int64_t rows, const double* p, double (&m)[4][4]) {
    const double a = p[0], b = p[1], c = p[2];
    double ee = 0, exe = 0, e1 = 0, er = 0, xexe = 0, xe1 = 0, xer = 0, r1 = 0, rr = 0;
    for (std::int64_t first = 0; first < rows; first += block) {
      const int count = static_cast<int>(std::min<std::int64_t>(block, rows - first));
      const double *at = x + first, *measured = y + first;
      double es[block];
#pragma omp simd
      for (int i = 0; i < count; ++i) es[i] = exp(-b * at[i]);
#pragma omp simd reduction(+ : ee, exe, e1, er, xexe, xe1, xer, r1, rr)
      for (int i = 0; i < count; ++i) {
        const double e = es[i], xe = at[i] * e, r = a * e + c - measured[i];
        ee += e * e, exe += e * xe, e1 += e, er += e * r;
        xexe += xe * xe, xe1 += xe, xer += xe * r;
        r1 += r, rr += r * r;
      }
    }
    const double upper[4][4] = {{ee, -a * exe, e1, er}, {0, a * a * xexe, -a * xe1, -a * xer}, {0, 0, double(rows), r1}, {0, 0, 0, rr}};
    std::copy_n(&upper[0][0], 16, &m[0][0]);
  }
};

// h₁ exp(−((x − m₁)/w₁)²) + h₂ exp(−((x − m₂)/w₂)²) + c
struct TwoGaussians {
  static constexpr int parameters = 7;

  // With u = (x − m)/w and e = exp(−u²): J = [e, 2h/w u e, 2h/w u² e] for each, and 1.
  static void gram(const double* x, const double* y, std::int64_t rows, const double* p, double (&m)[8][8]) {
    const double scale[8] = {1, 2 * p[0] / p[2], 2 * p[0] / p[2], 1, 2 * p[3] / p[5], 2 * p[3] / p[5], 1, 1};
    const double h1 = p[0], m1 = p[1], w1 = 1 / p[2], h2 = p[3], m2 = p[4], w2 = 1 / p[5], c = p[6];
    // clang-format off
    double s00 = 0, s01 = 0, s02 = 0, s03 = 0, s04 = 0, s05 = 0, s06 = 0, s07 = 0, s12 = 0, s13 = 0, s14 = 0, s15 = 0, s16 = 0, s17 = 0,
           s22 = 0, s23 = 0, s24 = 0, s25 = 0, s26 = 0, s27 = 0, s33 = 0, s34 = 0, s35 = 0, s36 = 0, s37 = 0, s45 = 0, s46 = 0, s47 = 0,
           s55 = 0, s56 = 0, s57 = 0, s67 = 0, s77 = 0;
    for (std::int64_t first = 0; first < rows; first += block) {
      const int count = static_cast<int>(std::min<std::int64_t>(block, rows - first));
      const double *at = x + first, *measured = y + first;
      double es[block], fs[block], us[block], vs[block], rs[block];
#pragma omp simd
      for (int i = 0; i < count; ++i) {
        us[i] = (at[i] - m1) * w1, vs[i] = (at[i] - m2) * w2;
        es[i] = exp(-us[i] * us[i]), fs[i] = exp(-vs[i] * vs[i]);
        rs[i] = h1 * es[i] + h2 * fs[i] + c - measured[i];
      }
      // Two loops: 33 sums and what they are made of do not fit into 32 registers.
#pragma omp simd reduction(+ : s00, s01, s02, s03, s04, s05, s06, s07, s13, s14, s15, s16, s17, s23, s24, s25)
      for (int i = 0; i < count; ++i) {
        const double r = rs[i], e = es[i], ue = us[i] * e, uue = us[i] * ue, f = fs[i], vf = vs[i] * f, vvf = vs[i] * vf;
        s00 += e * e, s01 += e * ue, s02 += e * uue, s03 += e * f, s04 += e * vf, s05 += e * vvf, s06 += e, s07 += e * r;
        s13 += ue * f, s14 += ue * vf, s15 += ue * vvf, s16 += ue, s17 += ue * r;
        s23 += uue * f, s24 += uue * vf, s25 += uue * vvf;
      }
#pragma omp simd reduction(+ : s12, s22, s26, s27, s33, s34, s35, s36, s37, s45, s46, s47, s55, s56, s57, s67, s77)
      for (int i = 0; i < count; ++i) {
        const double r = rs[i], ue = us[i] * es[i], uue = us[i] * ue, f = fs[i], vf = vs[i] * f, vvf = vs[i] * vf;
        s12 += ue * uue, s22 += uue * uue, s26 += uue, s27 += uue * r;
        s33 += f * f, s34 += f * vf, s35 += f * vvf, s36 += f, s37 += f * r;
        s45 += vf * vvf, s46 += vf, s47 += vf * r;
        s55 += vvf * vvf, s56 += vvf, s57 += vvf * r;
        s67 += r, s77 += r * r;
      }
    }
    // (u e)² = e · u² e, so s11 = s02 and s44 = s35.
    const double upper[8][8] = {{s00, s01, s02, s03, s04, s05, s06, s07}, {0, s02, s12, s13, s14, s15, s16, s17},
                                {0, 0, s22, s23, s24, s25, s26, s27},     {0, 0, 0, s33, s34, s35, s36, s37},
                                {0, 0, 0, 0, s35, s45, s46, s47},         {0, 0, 0, 0, 0, s55, s56, s57},
                                {0, 0, 0, 0, 0, 0, double(rows), s67},    {0, 0, 0, 0, 0, 0, 0, s77}};
    // clang-format on
    for (int j = 0; j < 8; ++j)
      for (int k = j; k < 8; ++k) m[j][k] = upper[j][k] * scale[j] * scale[k];
  }
};

// A = RᵀR from the upper triangle of A, R in its place; false where A is not positive definite.
template <int p>
bool cholesky(double (&r)[p][p]) {
  for (int j = 0; j < p; ++j) {
    for (int i = 0; i <= j; ++i) {
      double sum = r[i][j];
      for (int k = 0; k < i; ++k) sum -= r[k][i] * r[k][j];
      if (i == j && !(sum > 0)) return false;
      r[i][j] = i == j ? std::sqrt(sum) : sum / r[i][i];
    }
  }
  return true;
}

// RᵀR z = z
template <int p>
void solve(const double (&r)[p][p], double (&z)[p]) {
  for (int i = 0; i < p; ++i) {
    for (int k = 0; k < i; ++k) z[i] -= r[k][i] * z[k];
    z[i] /= r[i][i];
  }
  for (int i = p - 1; i >= 0; --i) {
    for (int k = i + 1; k < p; ++k) z[i] -= r[i][k] * z[k];
    z[i] /= r[i][i];
  }
}

// Levenberg's loop with Marquardt's scaling: (JᵀJ + λ diag JᵀJ) step = −Jᵀr. Ends on a step below 1e-10 of every parameter, which
// near the solution leaves an error of the order of its square. Returns the evaluations, or −1.
template <class Model>
int fit(const double* x, const double* y, std::int64_t rows, double* at, double* covariance) {
  constexpr int p = Model::parameters;
  double m[p + 1][p + 1], trial_m[p + 1][p + 1], r[p][p], step[p], trial[p], lambda = 1e-3;
  Model::gram(x, y, rows, at, m);
  for (int evaluations = 1; evaluations < 200;) {
    for (int i = 0; i < p; ++i) {
      for (int j = i; j < p; ++j) r[i][j] = m[i][j] * (i == j ? 1 + lambda : 1);
      step[i] = -m[i][p];
    }
    if (!cholesky(r)) return -1;
    solve(r, step);
    bool settled = true;
    for (int i = 0; i < p; ++i) {
      trial[i] = at[i] + step[i];
      settled = settled && std::abs(step[i]) <= 1e-10 * std::abs(trial[i]);
    }
    if (!settled) {
      Model::gram(x, y, rows, trial, trial_m);
      ++evaluations;
      // Equal to rounding is as good as lower: there the step is Newton's last.
      if (trial_m[p][p] <= m[p][p] * (1 + 1e-12)) {
        std::copy_n(&trial_m[0][0], (p + 1) * (p + 1), &m[0][0]);
        std::copy_n(trial, p, at);
        lambda *= 1e-2;
      } else {
        lambda *= 10;
      }
      continue;
    }
    for (int i = 0; i < p; ++i) std::copy_n(m[i], p, r[i]);
    if (!cholesky(r)) return -1;
    const double variance = m[p][p] / static_cast<double>(rows - p);
    for (int j = 0; j < p; ++j) {
      double column[p] = {};
      column[j] = variance;
      solve(r, column);
      std::copy_n(column, p, covariance + j * p);
    }
    return evaluations;
  }
  return -1;
}

// The Gram matrix of [J r], row-major, upper triangle.
template <class Model>
void gram(const double* x, const double* y, std::int64_t rows, const double* at, double* out) {
  double m[Model::parameters + 1][Model::parameters + 1] = {};
  Model::gram(x, y, rows, at, m);
  std::copy_n(&m[0][0], (Model::parameters + 1) * (Model::parameters + 1), out);
}

}  // namespace

extern "C" {
void decay_gram(const double* x, const double* y, std::int64_t n, const double* at, double* out) { gram<Decay>(x, y, n, at, out); }
int decay_fit(const double* x, const double* y, std::int64_t n, double* at, double* cov) { return fit<Decay>(x, y, n, at, cov); }
void two_gaussians_gram(const double* x, const double* y, std::int64_t n, const double* at, double* out) {
  gram<TwoGaussians>(x, y, n, at, out);
}
int two_gaussians_fit(const double* x, const double* y, std::int64_t n, double* at, double* cov) {
  return fit<TwoGaussians>(x, y, n, at, cov);
}
}
