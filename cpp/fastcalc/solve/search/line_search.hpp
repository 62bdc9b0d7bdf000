// solve: how far to go along a direction: the searches of a few lines.
//
// Comes in: how a trial step fared. Goes out: whether it is taken, and the multiple for the next.
#pragma once

#include <algorithm>
#include <cmath>

#include "../../linalg/matrix.hpp"
#include "../iterate.hpp"
#include "../minimize.hpp"

namespace fastcalc {

/// The same multiple each time, whatever comes of it.
class FixedRate {
 public:
  static constexpr bool asks_for_slope = false;
  FixedRate(int, const MinimizeOptions& options) { reach.length = options.rate; }

  template <class Descent>
  void begin(const Descent&, const Iterate&) {}
  void proposed(const Trial&) {}
  bool accepts(const Trial&) const { return true; }
  void update(const Trial&) {}
  void taken(const Iterate&, const Iterate&) {}
  bool restart() { return false; }

  Reach reach;
};

/// Shorter until f(x + p) ≤ f(x) + 1e-4 gᵀp (Armijo 1966).
class Armijo {
 public:
  static constexpr bool asks_for_slope = false;
  Armijo(int, const MinimizeOptions& options) : rate_(options.rate) { reach.length = options.rate; }

  template <class Descent>
  void begin(const Descent&, const Iterate&) {
    if (taken_at_once_) reach.length *= 2;
    tries_ = 0;
  }
  void proposed(const Trial&) {}
  bool accepts(const Trial& trial) const { return !trial.hopeless && trial.actual >= -2e-4 * trial.slope; }
  void update(const Trial& trial) {
    ++tries_;
    if (!accepts(trial)) reach.length *= shrink(trial);
  }
  void taken(const Iterate&, const Iterate&) { taken_at_once_ = tries_ == 1; }

  /// The minimum of the parabola through f, its slope and f(x + p): −slope / 2 (f(x + p) − f − slope). NaN where the slope overflows.
  static double shrink(const Trial& trial) {
    const double best = trial.hopeless ? 0.1 : trial.slope / (2 * trial.slope + trial.actual);
    return best > 0.1 ? std::min(best, 0.5) : 0.1;
  }

  /// Where the first try of an iteration does not move x: a steep place far behind has left this multiple, and says nothing of here.
  bool restart() {
    if (tries_ > 0 || !(reach.length < rate_)) return false;
    reach.length = rate_;
    taken_at_once_ = false;
    return true;
  }

  Reach reach;

 private:
  double rate_;
  bool taken_at_once_ = false;
  int tries_ = 0;
};

/// α = sᵀs / sᵀy, of which every tenth step or so raises f: compared with the largest of the last ten values (Barzilai and Borwein 1988,
/// IMA J. Numer. Anal. 8, 141; Birgin, Martínez and Raydan 2000, SIAM J. Optim. 10, 1196).
class BarzilaiBorwein {
 public:
  static constexpr bool asks_for_slope = false;
  BarzilaiBorwein(int n, const MinimizeOptions& options) : n_(n) { reach.length = options.rate; }

  template <class Descent>
  void begin(const Descent&, const Iterate& current) {
    recent_[count_++ % kept] = *current.f;
    ceiling_ = *std::max_element(recent_, recent_ + std::min(count_, kept)) - *current.f;
  }
  void proposed(const Trial&) {}
  bool accepts(const Trial& trial) const { return !trial.hopeless && trial.actual + 2 * ceiling_ >= -2e-4 * trial.slope; }
  void update(const Trial& trial) {
    if (!accepts(trial)) reach.length *= Armijo::shrink(trial);
  }
  void taken(const Iterate& before, const Iterate& now) {
    double ss = 0, sy = 0;
    for (int i = 0; i < n_; ++i) {
      const double s = now.x[i] - before.x[i];
      ss += s * s;
      sy += s * (now.gradient[i] - before.gradient[i]);
    }
    const double best = ss / sy;
    if (sy > 0)
      reach.length = best > 1e-10 ? std::min(best, 1e10) : 1e-10;  // NaN where both overflow
    else
      reach.length = std::min(10 * reach.length, 1e10);
  }
  bool restart() { return false; }

  Reach reach;

 private:
  static constexpr int kept = 10;
  int n_, count_ = 0;
  double recent_[kept] = {}, ceiling_ = 0;
};

}  // namespace fastcalc
