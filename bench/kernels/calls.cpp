// bench: the limit of one call from Python. Derivatives written by hand for their very functions, as methods of a module: an array in, a
// new array out, nothing else between Python and the arithmetic.
//
// Comes in: a C-ordered float64 vector; its type is not asked. Goes out: a new array. Built by __init__.py for the machine that it runs on.
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>

#include <cmath>
#include <utility>

namespace {

struct Vector {
  const double* x;
  npy_intp n;
};

Vector vector_of(PyObject* array) {
  auto* a = reinterpret_cast<PyArrayObject*>(array);
  return {static_cast<const double*>(PyArray_DATA(a)), PyArray_DIM(a, 0)};
}

std::pair<PyObject*, double*> made(int rank, npy_intp n) {
  npy_intp shape[] = {n, n};
  PyObject* out = PyArray_SimpleNew(rank, shape, NPY_DOUBLE);
  return {out, static_cast<double*>(PyArray_DATA(reinterpret_cast<PyArrayObject*>(out)))};
}

PyObject* doubled(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, y] = made(1, n);
  for (npy_intp i = 0; i < n; ++i) y[i] = 2 * x[i];
  return out;
}

// Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)²; the terms of i reach g_i and g_{i+1}
double rosenbrock_terms(const double* x, npy_intp n, double* g) {
  double value = 0;
#pragma omp simd reduction(+ : value)
  for (npy_intp i = 0; i < n - 1; ++i) {
    const double d = x[i + 1] - x[i] * x[i], e = 1 - x[i];
    value += 100 * d * d + e * e;
    g[i] = -400 * x[i] * d - 2 * e;
  }
#pragma omp simd
  for (npy_intp i = 1; i < n - 1; ++i) g[i] += 200 * (x[i] - x[i - 1] * x[i - 1]);
  g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
  return value;
}

PyObject* rosenbrock_gradient(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, g] = made(1, n);
  rosenbrock_terms(x, n, g);
  return out;
}

PyObject* rosenbrock_value_and_gradient(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, g] = made(1, n);
  const double value = rosenbrock_terms(x, n, g);
  return Py_BuildValue("(dN)", value, out);
}

PyObject* rosenbrock_hessian(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, h] = made(2, n);
  for (npy_intp i = 0; i < n * n; ++i) h[i] = 0;
  for (npy_intp i = 0; i < n - 1; ++i) {
    h[i * n + i] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
    h[i * n + i + 1] = h[(i + 1) * n + i] = -400 * x[i];
    h[(i + 1) * n + i + 1] = 200;
  }
  return out;
}

// The Hessian's three diagonals in the order of compressed rows.
PyObject* rosenbrock_sparse_hessian(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, h] = made(1, 3 * n - 2);
  h[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2;
  h[1] = -400 * x[0];
  for (npy_intp i = 1; i < n - 1; ++i) {
    h[3 * i - 1] = -400 * x[i - 1];
    h[3 * i] = 1200 * x[i] * x[i] - 400 * x[i + 1] + 202;
    h[3 * i + 1] = -400 * x[i];
  }
  h[3 * n - 4] = -400 * x[n - 2];
  h[3 * n - 3] = 200;
  return out;
}

// Σ log(1 + e^{z_i}) − y_i z_i with z = X w, and its gradient Xᵀ (σ(z) − y): each row of X is read once and used twice, while it is in
// cache.
PyObject* logistic_value_and_gradient(PyObject*, PyObject* arguments) {
  PyObject *weights, *matrix, *outcomes;
  if (!PyArg_ParseTuple(arguments, "OOO", &weights, &matrix, &outcomes)) return nullptr;
  const auto [w, n] = vector_of(weights);
  const double* x = vector_of(matrix).x;
  const auto [y, rows] = vector_of(outcomes);
  const auto [out, g] = made(1, n);
  double value = 0;
  for (npy_intp j = 0; j < n; ++j) g[j] = 0;
  for (npy_intp i = 0; i < rows; ++i) {
    const double* row = x + i * n;
    double z = 0;
#pragma omp simd reduction(+ : z)
    for (npy_intp j = 0; j < n; ++j) z += row[j] * w[j];
    const double e = std::exp(-std::abs(z)), p = (z > 0 ? 1 : e) / (1 + e) - y[i];
    value += std::fmax(z, 0) + std::log1p(e) - y[i] * z;
#pragma omp simd
    for (npy_intp j = 0; j < n; ++j) g[j] += p * row[j];
  }
  return Py_BuildValue("(dN)", value, out);
}

// Σ x_i log(x_i / (1 − s)) − (xᵀA x) log((1 + (1 + √2) s) / (1 + (1 − √2) s)) / (√8 s), s = Σ x_i / 20, A_ij = 1 / (1 + i + j)
PyObject* helmholtz_gradient(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, g] = made(1, n);
  const double b = 0.05, c1 = 1 + std::sqrt(2.0), c2 = 1 - std::sqrt(2.0), root8 = std::sqrt(8.0);
  static double a[64][64];
  static const bool filled = [] {
    for (int i = 0; i < 64; ++i)
      for (int j = 0; j < 64; ++j) a[i][j] = 1.0 / (1 + i + j);
    return true;
  }();
  (void)filled;
  double sum = 0, q = 0;
  for (npy_intp i = 0; i < n; ++i) sum += x[i];
  for (npy_intp i = 0; i < n; ++i) {
    double ax = 0;
    for (npy_intp j = 0; j < n; ++j) ax += a[i][j] * x[j];
    g[i] = 2 * ax;
    q += x[i] * ax;
  }
  const double s = b * sum, u = 1 - s, l = std::log((1 + c1 * s) / (1 + c2 * s)), w = l / (root8 * s);
  const double slope = sum * b / u + 1 - std::log(u) + b * q * (w / s - (c1 / (1 + c1 * s) - c2 / (1 + c2 * s)) / (root8 * s));
  for (npy_intp i = 0; i < n; ++i) g[i] = std::log(x[i]) + slope - w * g[i];
  return out;
}

// −20 exp(−0.2 √(Σx²/n)) − exp(Σ cos 2πx / n) + 20 + e
PyObject* ackley_gradient(PyObject*, PyObject* array) {
  const auto [x, n] = vector_of(array);
  const auto [out, g] = made(1, n);
  const double tau = 2 * M_PI;
  double squares = 0, cosines = 0;
  for (npy_intp i = 0; i < n; ++i) {
    squares += x[i] * x[i];
    double sine, cosine;
    sincos(tau * x[i], &sine, &cosine);
    cosines += cosine;
    g[i] = sine;
  }
  const double r = std::sqrt(squares / n), near = 4 * std::exp(-0.2 * r) / (n * r), wave = std::exp(cosines / n) * tau / n;
  for (npy_intp i = 0; i < n; ++i) g[i] = near * x[i] + wave * g[i];
  return out;
}

PyMethodDef methods[] = {{"doubled", doubled, METH_O, nullptr},
                         {"rosenbrock_gradient", rosenbrock_gradient, METH_O, nullptr},
                         {"rosenbrock_value_and_gradient", rosenbrock_value_and_gradient, METH_O, nullptr},
                         {"rosenbrock_hessian", rosenbrock_hessian, METH_O, nullptr},
                         {"rosenbrock_sparse_hessian", rosenbrock_sparse_hessian, METH_O, nullptr},
                         {"logistic_value_and_gradient", logistic_value_and_gradient, METH_VARARGS, nullptr},
                         {"helmholtz_gradient", helmholtz_gradient, METH_O, nullptr},
                         {"ackley_gradient", ackley_gradient, METH_O, nullptr},
                         {}};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "calls", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_calls() {
  import_array();
  return PyModule_Create(&module);
}
