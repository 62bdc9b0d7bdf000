// linalg: the rows of a linear least-squares problem where they lie: columns of any type of number and any stride, never copied whole.
//
// Comes in: memory that someone else owns. Goes out: the vocabulary for it.
#pragma once

#include <cstdint>
#include <vector>

namespace fastcalc {

enum class Number : std::int8_t { float64, float32, int64, int32, int16, int8, uint64, uint32, uint16, uint8 };

struct Column {
  const char* at;       ///< null: there is none
  std::int64_t stride;  ///< bytes from one row to the next
  Number type;
};

/// What a column of weights means: each row's weight, or the standard deviation of its y, whose inverse square is the weight.
enum class Weighting : std::int8_t { none, weights, deviations };

struct Observations {
  std::vector<Column> columns;  ///< predictors, then targets
  int targets;
  Column weight;
  Weighting weighting;
  const std::uint8_t* keep;  ///< one byte a row, 0: as if the row were not there; null: keep all
  bool intercept;            ///< a column of ones before all others
  bool omit_missing;         ///< leave rows with a NaN out; or they are refused, as inf always is
  std::int64_t rows;

  int predictors() const { return static_cast<int>(columns.size()) - targets + intercept; }
  int width() const { return static_cast<int>(columns.size()) + intercept; }
};

/// The first number that cannot be used.
struct Refusal {
  enum Reason : std::int8_t { none, not_finite, bad_weight };
  Reason reason = none;
  std::int64_t row = 0;
  int column = 0;  ///< of Observations::columns
};

}  // namespace fastcalc
