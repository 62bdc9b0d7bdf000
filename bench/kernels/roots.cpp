// bench: the limit of solver loops for equations, as methods of a module. Newton's method written by hand for its very equation, with
// derivatives by hand and the same tolerances: what is between Python and the arithmetic is a call through CPython.
//
// Comes in: a number, or C-ordered float64 vectors whose type is not asked. Goes out: a new number or array. Built by __init__.py.
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#pragma omp declare simd notinbranch
extern "C" double sin(double) noexcept;
#pragma omp declare simd notinbranch
extern "C" double cos(double) noexcept;

namespace {

constexpr double tolerance = 1.5e-8;

double* data(PyObject* array) { return static_cast<double*>(PyArray_DATA(reinterpret_cast<PyArrayObject*>(array))); }
npy_intp length(PyObject* array) { return PyArray_DIM(reinterpret_cast<PyArrayObject*>(array), 0); }

// x³ − 2x − 5 = 0
PyObject* cubic(PyObject*, PyObject* start) {
  double x = PyFloat_AS_DOUBLE(start);
  for (int i = 0; i < 100; ++i) {
    const double step = (x * x * x - 2 * x - 5) / (3 * x * x - 2);
    x -= step;
    if (std::abs(step) <= tolerance * std::abs(x)) break;
  }
  return PyFloat_FromDouble(x);
}

// cos x − x = 0
PyObject* cosine(PyObject*, PyObject* start) {
  double x = PyFloat_AS_DOUBLE(start);
  for (int i = 0; i < 100; ++i) {
    double s, c;
    sincos(x, &s, &c);
    const double step = (c - x) / (-s - 1);
    x -= step;
    if (std::abs(step) <= tolerance * std::abs(x)) break;
  }
  return PyFloat_FromDouble(x);
}

// (3 − 2 x_i) x_i − x_{i−1} − 2 x_{i+1} + 1 = 0: dense elimination with row exchanges, as a program that does not know the pattern
PyObject* broyden(PyObject*, PyObject* start) {
  const int n = static_cast<int>(length(start));
  npy_intp shape[] = {n};
  PyObject* out = PyArray_SimpleNew(1, shape, NPY_DOUBLE);
  double* x = data(out);
  std::copy_n(data(start), n, x);
  thread_local std::vector<double> memory;
  memory.resize(static_cast<std::size_t>(n) * (n + 1));
  double *j = memory.data(), *p = j + static_cast<std::size_t>(n) * n;
  for (int iteration = 0; iteration < 100; ++iteration) {
    std::fill_n(j, static_cast<std::size_t>(n) * n, 0.0);
    for (int i = 0; i < n; ++i) {
      p[i] = -((3 - 2 * x[i]) * x[i] + 1 - (i > 0 ? x[i - 1] : 0) - (i < n - 1 ? 2 * x[i + 1] : 0));
      j[i * n + i] = 3 - 4 * x[i];
      if (i > 0) j[i * n + i - 1] = -1;
      if (i < n - 1) j[i * n + i + 1] = -2;
    }
    for (int k = 0; k < n; ++k) {
      int best = k;
      for (int i = k + 1; i < n; ++i)
        if (std::abs(j[i * n + k]) > std::abs(j[best * n + k])) best = i;
      if (best != k) {
        for (int c = k; c < n; ++c) std::swap(j[k * n + c], j[best * n + c]);
        std::swap(p[k], p[best]);
      }
      for (int i = k + 1; i < n; ++i) {
        const double factor = j[i * n + k] / j[k * n + k];
        if (factor == 0) continue;
        for (int c = k + 1; c < n; ++c) j[i * n + c] -= factor * j[k * n + c];
        p[i] -= factor * p[k];
      }
    }
    double step = 0, size = 0;
    for (int i = n - 1; i >= 0; --i) {
      for (int c = i + 1; c < n; ++c) p[i] -= j[i * n + c] * p[c];
      p[i] /= j[i * n + i];
    }
    for (int i = 0; i < n; ++i) {
      x[i] += p[i];
      step += p[i] * p[i];
      size += x[i] * x[i];
    }
    if (step <= 1e-16 * size) break;
  }
  return out;
}

// E − e sin E = M, so many at a time until all of them have converged; the compiler joins a sine and a cosine in one loop to a scalar
// sincos, so each has its own.
PyObject* kepler(PyObject*, PyObject* arguments) {
  const double *m = data(PyTuple_GET_ITEM(arguments, 0)), *e = data(PyTuple_GET_ITEM(arguments, 1));
  const npy_intp n = length(PyTuple_GET_ITEM(arguments, 0));
  npy_intp shape[] = {n};
  PyObject* out = PyArray_SimpleNew(1, shape, NPY_DOUBLE);
  double* root = data(out);
  constexpr int width = 32;
  for (npy_intp first = 0; first < n; first += width) {
    const int rows = static_cast<int>(n - first < width ? n - first : width);
    alignas(64) double x[width], s[width], c[width], step[width], mean[width], eccentricity[width];
    for (int i = 0; i < width; ++i) {
      const npy_intp from = first + (i < rows ? i : 0);
      mean[i] = x[i] = m[from];
      eccentricity[i] = e[from];
    }
    for (int iteration = 0; iteration < 100; ++iteration) {
#pragma omp simd
      for (int i = 0; i < width; ++i) s[i] = sin(x[i]);
      asm volatile("" ::"r"(s) : "memory");
#pragma omp simd
      for (int i = 0; i < width; ++i) c[i] = cos(x[i]);
      int more = 0;
#pragma omp simd reduction(| : more)
      for (int i = 0; i < width; ++i) {
        step[i] = (x[i] - eccentricity[i] * s[i] - mean[i]) / (1 - eccentricity[i] * c[i]);
        x[i] -= step[i];
        more |= std::abs(step[i]) > tolerance * std::abs(x[i]);
      }
      if (!more) break;
    }
    std::copy_n(x, rows, root + first);
  }
  return out;
}

PyMethodDef methods[] = {{"cubic", cubic, METH_O, nullptr},
                         {"cosine", cosine, METH_O, nullptr},
                         {"broyden", broyden, METH_O, nullptr},
                         {"kepler", kepler, METH_VARARGS, nullptr},
                         {}};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "roots", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_roots() {
  import_array();
  return PyModule_Create(&module);
}
