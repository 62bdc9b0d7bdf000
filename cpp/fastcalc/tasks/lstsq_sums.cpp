// tasks: linear least squares, what is summed up over the rows: the normal equations, and what coefficients leave of the rows.
// See lstsq.hpp.
#include <algorithm>
#include <bit>

#include "../base/threads.hpp"
#include "../base/tuning.hpp"
#include "../execute/engine.hpp"
#include "lstsq.hpp"

namespace fastcalc {
namespace {

// Rows of a piece: some ms of work, so that threads share evenly and an interrupt is heard; of many columns more, since to add up a piece
// takes as long as 500 rows. It depends on the problem alone, and so do the sums.
std::int64_t piece_rows(int columns) {
  const std::uint64_t products = static_cast<std::uint64_t>(columns) * (columns + 1) / 2;
  return std::clamp<std::int64_t>(std::bit_floor((std::uint64_t{1} << 23) / products), 4 * block_rows, 1 << 16);
}

// Calls work(rows, piece, interrupt) for each piece of the observations, and take(piece) in their order.
template <class Piece, class Work, class Take>
Status in_pieces(const Observations& from, int threads, Interrupt* interrupt, Refusal& refusal, const Piece& empty, const Work& work,
                 const Take& take) {
  const std::int64_t length = piece_rows(from.width()), count = (from.rows + length - 1) / length;
  struct Made {
    Piece sums;
    Refusal refusal;
  };
  const auto make = [&](std::int64_t k, Interrupt& asked) {
    Made made{empty, {}};
    made.refusal = work(Rows{k * length, std::min((k + 1) * length, from.rows)}, made.sums, asked);
    return made;
  };
  const bool whole = in_order(count, thread_count(threads), interrupt, make, [&](std::int64_t, const Made& made) {
    refusal = made.refusal;
    if (refusal.reason == Refusal::none) take(made.sums);
    return refusal.reason == Refusal::none;
  });
  return whole || refusal.reason != Refusal::none ? Status::running : Status::interrupted;
}

}  // namespace

Status add_observations(const Observations& from, int sign, int threads, Interrupt* interrupt, NormalSums& sums, Refusal& refusal) {
  const NormalSums empty(sums.predictors, sums.targets);
  NormalSums total = empty;
  const Status status = in_pieces(
      from, threads, interrupt, refusal, empty,
      [&](Rows rows, NormalSums& part, Interrupt& asked) { return engine().normal_sums(from, rows, part, &asked); },
      [&](const NormalSums& part) { total.merge(part, 1); });
  if (status == Status::running && refusal.reason == Refusal::none) sums.merge(total, sign);
  return status;
}

Status add_remainder(const Observations& from, const std::vector<int>& exponent, const Coefficients& coefficients, int threads,
                     Interrupt* interrupt, Remainder& total, Refusal& refusal) {
  return in_pieces(
      from, threads, interrupt, refusal, Remainder(from.predictors(), from.targets),
      [&](Rows rows, Remainder& part, Interrupt&) { return engine().remainder(from, rows, exponent.data(), coefficients, part); },
      [&](const Remainder& part) { total.merge(part); });
}

}  // namespace fastcalc
