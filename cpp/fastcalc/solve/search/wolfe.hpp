// solve: how far to go along a direction. A line search for the strong Wolfe conditions.
//
// Comes in: how a trial step fared, its slope at the end too. Goes out: whether it is taken, and the multiple for the next. First the
// multiple grows until a minimum is bracketed, then the bracket shrinks (Nocedal and Wright 2006, algorithms 3.5 and 3.6; cubics as
// there, equation 3.59).
//
//     f(x + p) ≤ f + 1e-4 gᵀp        |g(x + p)ᵀp| ≤ 0.9 |gᵀp|
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "../iterate.hpp"
#include "../minimize.hpp"

namespace fastcalc {

class Wolfe {
 public:
  static constexpr bool asks_for_slope = true;
  Wolfe(int, const MinimizeOptions&) {}

  template <class Descent>
  void begin(const Descent& descent, const Iterate& current) {
    // A search that ended without a bracket, on a straight fall, goes on from where it was.
    const double far = tries_ >= most && !bracketed_ ? reach.length : 0;
    reach.length = std::max(descent.first_multiple(current), far);
    low_ = {};
    bracketed_ = accepted_ = forced_ = false;
    tries_ = 0;
  }
  void proposed(const Trial&) {}
  bool accepts(const Trial&) const { return accepted_; }

  void update(const Trial& trial) {
    const double alpha = trial.length;
    ++tries_;
    if (tries_ == 1) low_.slope = slope_ = trial.slope / alpha;
    const End here{alpha, -trial.actual / 2, trial.slope_after / alpha, !trial.hopeless};
    const bool falls = here.finite && here.rise <= 1e-4 * trial.slope;
    // A step that a bound has bent has no slope to speak of: what falls is enough.
    accepted_ = falls && (trial.clamped || std::abs(here.slope) <= 0.9 * std::abs(slope_));
    if (accepted_) return;
    if (tries_ >= most) {  // the best so far, once more; after that, nothing
      accepted_ = falls;
      reach.length = forced_ ? 0 : low_.alpha;
      forced_ = true;
      return;
    }
    if (!falls || (low_.alpha > 0 && here.rise >= low_.rise)) {
      high_ = here;
      bracketed_ = true;
    } else {
      const bool beyond = bracketed_ ? here.slope * (high_.alpha - low_.alpha) >= 0 : here.slope >= 0;
      if (beyond) {
        high_ = low_;
        bracketed_ = true;
      }
      if (!bracketed_) {
        const double grown = std::clamp(cubic(low_, here), alpha + 1.0 * (alpha - low_.alpha), alpha + 9 * (alpha - low_.alpha));
        low_ = here;
        reach.length = grown;
        return;
      }
      low_ = here;
    }
    const double width = high_.alpha - low_.alpha, best = cubic(low_, high_);
    const double part = std::clamp((best - low_.alpha) / width, 0.1, high_.finite ? 0.9 : 0.3);
    reach.length = width == 0 ? low_.alpha : low_.alpha + part * width;  // a kink lies between neighbours
  }

  void taken(const Iterate&, const Iterate&) {}
  bool restart() { return false; }

  Reach reach;

 private:
  static constexpr int most = 25;
  struct End {
    double alpha = 0, rise = 0, slope = 0;
    bool finite = true;
  };

  /// Where the cubic through both values and slopes is least; the middle where there is none.
  static double cubic(const End& a, const End& b) {
    const double middle = (a.alpha + b.alpha) / 2;
    if (!a.finite || !b.finite) return middle;
    const double d1 = a.slope + b.slope - 3 * (a.rise - b.rise) / (a.alpha - b.alpha);
    const double root = d1 * d1 - a.slope * b.slope;
    if (!(root >= 0)) return b.alpha > a.alpha && b.slope < 0 ? std::numeric_limits<double>::max() : middle;
    const double d2 = std::copysign(std::sqrt(root), b.alpha - a.alpha);
    const double best = b.alpha - (b.alpha - a.alpha) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    return std::isfinite(best) ? best : middle;
  }

  End low_, high_;
  double slope_ = 0;  // at 0
  bool bracketed_ = false, accepted_ = false, forced_ = false;
  int tries_ = 0;
};

}  // namespace fastcalc
