// base: how a run or a loop ended. Each value carries the sentence that the user reads; both come from status.def.
#pragma once

namespace fastcalc {

enum class Status : int {
#define STATUS(name, success, sentence) name,
#include "status.def"
#undef STATUS
};

constexpr const char* sentence(Status status) {
  switch (status) {
#define STATUS(name, success, sentence) \
  case Status::name:                    \
    return sentence;
#include "status.def"
#undef STATUS
  }
  return "";
}

constexpr const char* name(Status status) {
  switch (status) {
#define STATUS(name, success, sentence) \
  case Status::name:                    \
    return #name;
#include "status.def"
#undef STATUS
  }
  return "";
}

constexpr bool succeeded(Status status) {
  switch (status) {
#define STATUS(name, success, sentence) \
  case Status::name:                    \
    return success;
#include "status.def"
#undef STATUS
  }
  return false;
}

/// Where NumPy raises a LinAlgError.
constexpr bool is_of_linear_algebra(Status status) {
  return status == Status::singular_matrix || status == Status::not_positive_definite || status == Status::no_convergence;
}

}  // namespace fastcalc
