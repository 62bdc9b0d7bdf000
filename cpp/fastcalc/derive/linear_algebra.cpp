// derive: see linear_algebra.hpp. Ȧ is A's tangent, Ā its adjoint: for every operation ⟨X̄, Ẋ⟩ = ⟨Ā, Ȧ⟩ with ⟨X, Y⟩ = Σ Xᵢⱼ Yᵢⱼ.
#include "linear_algebra.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace fastcalc {
namespace {

// Matrices are the last two axes of values; all axes before them are batches, broadcast against each other.
class Algebra {
 public:
  Algebra(Builder& builder, int batch) : builder_(builder), batch_(batch) {}

  Value number(double value) { return builder_.constant(value); }

  Value apply(Op op, const Value& x, const Value& y) {
    const Value both[] = {x, y};
    return builder_.apply(op, both);
  }
  Value plus(const Value& x, const Value& y) { return apply(Op::add, x, y); }
  Value minus(const Value& x, const Value& y) { return apply(Op::subtract, x, y); }
  Value times(const Value& x, const Value& y) { return apply(Op::multiply, x, y); }
  Value chain(const Value& slope, const Value& x) { return apply(Op::chain, slope, x); }
  Value negative(const Value& x) { return builder_.apply(Op::negative, {&x, 1}); }
  Value choose(const Value& condition, const Value& x, const Value& y) {
    const Value all[] = {condition, x, y};
    return builder_.apply(Op::where, all);
  }

  static Value with_axis(Value x, int from_the_end) {
    const auto place = static_cast<std::ptrdiff_t>(x.view.shape.size()) - from_the_end;
    x.view.shape.insert(x.view.shape.begin() + place, 1);
    x.view.strides.insert(x.view.strides.begin() + place, 0);
    return x;
  }
  static Value transposed(Value x) {
    const std::size_t rank = x.view.shape.size();
    std::swap(x.view.shape[rank - 1], x.view.shape[rank - 2]);
    std::swap(x.view.strides[rank - 1], x.view.strides[rank - 2]);
    return x;
  }
  static Value as_column(const Value& x) { return with_axis(x, 0); }
  static Value as_row(const Value& x) { return with_axis(x, 1); }
  static Value as_scale(const Value& x) { return with_axis(with_axis(x, 0), 0); }

  /// A B, summed over `spare` batch axes behind those that tangents have more than values.
  Value product(const Value& a, const Value& b, int spare = 0) {
    const Value x = with_axis(a, 1), y = with_axis(transposed(b), 2);
    const int rank = static_cast<int>(std::max(x.view.shape.size(), y.view.shape.size()));
    std::vector<int> axes(spare);
    std::iota(axes.begin(), axes.end(), batch_);
    axes.push_back(rank - 1);
    return builder_.contract(x, y, axes);
  }

  /// Σᵢⱼ Xᵢⱼ Yᵢⱼ.
  Value inner(const Value& x, const Value& y) {
    const int rank = static_cast<int>(std::max(x.view.shape.size(), y.view.shape.size()));
    const int axes[] = {rank - 2, rank - 1};
    return builder_.contract(x, y, axes);
  }

  /// Σᵢ Xᵢⱼ Yᵢⱼ: the diagonal of Xᵀ Y.
  Value diagonal_of_product(const Value& x, const Value& y) {
    const int rows = static_cast<int>(std::max(x.view.shape.size(), y.view.shape.size())) - 2;
    return builder_.contract(x, y, {&rows, 1});
  }

  Value matrix(Op op, const Value& x) { return builder_.matrix(op, {&x, 1}); }

  /// A⁻¹ B or A⁻ᵀ B.
  Value solve(bool transposed, const Value& lu, const Value& b) {
    const Value both[] = {lu, with_batch_of(b, lu, 1)};
    return builder_.matrix(transposed ? Op::lu_solve_transposed : Op::lu_solve, both);
  }

  /// A⁻ᵀ.
  Value inverse_transposed(const Value& lu, std::int64_t n) {
    return solve(true, lu, apply(Op::equal, as_column(counting(n)), counting(n)));
  }

  /// Where row − column compares with 0.
  Value where_row(Op comparison, const Value& matrix) {
    const std::size_t rank = matrix.view.shape.size();
    return apply(comparison, as_column(counting(matrix.view.shape[rank - 2])), counting(matrix.view.shape[rank - 1]));
  }
  Value zero_but(Op comparison, const Value& x) { return choose(where_row(comparison, x), x, number(0)); }

  /// The symmetric matrix of a lower triangle.
  Value mirrored(const Value& x) { return choose(where_row(Op::greater_equal, x), x, transposed(x)); }

  /// The adjoint of that: ⟨Z, mirrored(Ȧ)⟩ = ⟨folded(Z), Ȧ⟩.
  Value folded(const Value& z) { return choose(where_row(Op::greater, z), plus(z, transposed(z)), zero_but(Op::equal, z)); }

  /// The lower triangle, its diagonal halved: [M] Φ.
  Value lower_half(const Value& x) { return choose(where_row(Op::greater, x), x, times(zero_but(Op::equal, x), number(0.5))); }

  /// Xᵢⱼ / (dⱼ − dᵢ), 0 on the diagonal.
  Value over_gaps(const Value& x, const Value& d) {
    const Value diagonal = where_row(Op::equal, x);
    const Value gaps = choose(diagonal, number(1), minus(as_row(d), as_column(d)));
    return chain(builder_.apply(Op::reciprocal, {&gaps, 1}), choose(diagonal, number(0), x));
  }

  Value diagonal_matrix(const Value& d, const Value& like) { return choose(where_row(Op::equal, like), as_row(d), number(0)); }

  /// A part of what an operation tells of a matrix, as an array of this shape and strides.
  static Value part(const Value& whole, std::int64_t offset, const Extents& shape, const Extents& strides) {
    Value out = whole;
    const std::int64_t step = whole.view.strides.back();
    out.view.offset += offset * step;
    out.view.shape.pop_back();
    out.view.strides.pop_back();
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      out.view.shape.push_back(shape[axis]);
      out.view.strides.push_back(strides[axis] * step);
    }
    return out;
  }
  static Value by_rows(const Value& whole, std::int64_t offset, std::int64_t rows, std::int64_t columns) {
    return part(whole, offset, {rows, columns}, {columns, 1});
  }
  static Value by_columns(const Value& whole, std::int64_t offset, std::int64_t rows, std::int64_t columns) {
    return part(whole, offset, {rows, columns}, {1, rows});
  }
  static Value numbers(const Value& whole, std::int64_t offset, std::int64_t count) { return part(whole, offset, {count}, {1}); }

  /// `whole` with a part, a view of it as made above, written.
  Value with_part(const Value& whole, const View& part, const Value& value) { return builder_.place(whole, value, part); }

 private:
  Value counting(std::int64_t n) {
    std::vector<double> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 0.0);
    return builder_.constant(numbers, {n});
  }

  // `x` repeated for each of the batch of `other`, whose matrix is its last `axes` axes.
  static Value with_batch_of(const Value& x, const Value& other, int axes) {
    Extents shape(other.view.shape.begin(), other.view.shape.end() - axes);
    if (shape.size() <= x.view.shape.size() - 2) return x;
    shape.insert(shape.end(), x.view.shape.end() - 2, x.view.shape.end());
    return {x.node, broadcast_to(x.view, shape)};
  }

  Builder& builder_;
  const int batch_;
};

// An operation with its operand A and its result, cut into parts.
struct Decomposition {
  Value a, result;
  std::int64_t m, n, k;
};

Decomposition decomposition(const Builder& builder, const Node& node) {
  const Program& program = builder.so_far();
  const std::int32_t first = node.in.operand[0].node;
  const std::int32_t a = reads_lu(node.in.op) ? program.code[first].operand[0].node : first;
  const Extents shape = program.result_shape(program.code[a]);
  const std::int64_t m = shape[shape.size() - 2], n = shape.back();
  return {{a, whole(shape)}, node.result, m, n, std::min(m, n)};
}

Value operand(const Builder& builder, const Node& node, int i) {
  const Program& program = builder.so_far();
  const std::int32_t number = node.in.operand[i].node;
  return {number, whole(program.result_shape(program.code[number]))};
}

// I − X Xᵀ applied to Y.
Value without_span(Algebra& algebra, const Value& x, const Value& y) {
  return algebra.minus(y, algebra.product(x, algebra.product(Algebra::transposed(x), y)));
}

[[noreturn]] void no_rule_for_a_call() {
  throw std::invalid_argument("a function of the outside has derivatives by differences up to the second; fc.custom_derivative gives more");
}

Value zeros_like(Builder& builder, const Value& result, const Value& tangent, std::size_t matrix_axes, std::size_t result_axes) {
  Extents shape(tangent.view.shape.begin(), tangent.view.shape.end() - static_cast<std::ptrdiff_t>(matrix_axes));
  shape.insert(shape.end(), result.view.shape.end() - static_cast<std::ptrdiff_t>(result_axes), result.view.shape.end());
  return {builder.constant(0).node, broadcast_to({{}, {}, 0}, shape)};
}

}  // namespace

std::optional<Value> tangent_of_matrix(Builder& builder, const Node& node, int batch,
                                       const std::function<std::optional<Value>(const Value&)>& tangent_of) {
  using A = Algebra;
  const Op op = node.in.op;
  if (op == Op::lu) return std::nullopt;  // those who read it ask for the tangent of the matrix
  if (op == Op::call) no_rule_for_a_call();
  Algebra algebra(builder, batch);
  const auto [a, f, m, n, k] = decomposition(builder, node);
  const std::optional<Value> da = tangent_of(a);
  if (op == Op::lu_solve || op == Op::lu_solve_transposed) {  // [G] 2.3.1: Ẋ = A⁻¹ (Ḃ − Ȧ X)
    const bool transposed = op == Op::lu_solve_transposed;
    std::optional<Value> rest = tangent_of(operand(builder, node, 1));
    if (da) {
      // The batch axis of a tangent stands before the batch of X, which A may lack.
      Value moved = *da;
      for (std::size_t spare = f.view.shape.size() - a.view.shape.size(); spare > 0 && batch; --spare) {
        moved.view.shape.insert(moved.view.shape.begin() + batch, 1);
        moved.view.strides.insert(moved.view.strides.begin() + batch, 0);
      }
      const Value dax = algebra.product(transposed ? A::transposed(moved) : moved, f);
      rest = rest ? algebra.minus(*rest, dax) : algebra.negative(dax);
    }
    if (!rest) return std::nullopt;
    return algebra.solve(transposed, operand(builder, node, 0), *rest);
  }
  if (!da) return std::nullopt;
  const auto packed = [&](std::size_t axes) { return zeros_like(builder, f, *da, 2, axes); };
  switch (op) {
    case Op::lu_det:  // [G] 2.2.4
      return algebra.inner(algebra.matrix(Op::cofactors, a), *da);
    case Op::lu_slogdet: {
      const Value zeros = packed(1);
      const View log = A::part({zeros.node, whole(zeros.view.shape)}, 1, {}, {}).view;
      return algebra.with_part(zeros, log, algebra.inner(algebra.inverse_transposed(operand(builder, node, 0), n), *da));
    }
    case Op::cofactors: {  // C = det A · A⁻ᵀ: Ċ = ⟨A⁻ᵀ, Ȧ⟩ C − A⁻ᵀ Ȧᵀ C
      const Value lu = algebra.matrix(Op::lu, a), g = algebra.inverse_transposed(lu, n);
      return algebra.minus(algebra.times(A::as_scale(algebra.inner(g, *da)), f),
                           algebra.product(g, algebra.product(A::transposed(*da), f)));
    }
    case Op::cholesky: {  // [M] (8): L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ)
      const Value lu = algebra.matrix(Op::lu, f), half = algebra.solve(false, lu, algebra.mirrored(*da));
      return algebra.product(f, algebra.lower_half(algebra.solve(false, lu, A::transposed(half))));
    }
    case Op::eigvalsh: {  // [G] 3.1: ẇ = diag(Vᵀ Ȧ V)
      const Value v = A::by_columns(algebra.matrix(Op::eigh, a), n, n, n);
      return algebra.diagonal_of_product(v, algebra.product(algebra.mirrored(*da), v));
    }
    case Op::eigh: {  // [G] 3.1: V̇ = V (F ∘ Vᵀ Ȧ V), Fᵢⱼ = 1/(wⱼ − wᵢ)
      const Value w = A::numbers(f, 0, n), v = A::by_columns(f, n, n, n);
      const Value dav = algebra.product(algebra.mirrored(*da), v);
      const Value dv = algebra.product(v, algebra.over_gaps(algebra.product(A::transposed(v), dav), w));
      const Value zeros = packed(1), at{zeros.node, whole(zeros.view.shape)};
      const Value values = algebra.with_part(zeros, A::numbers(at, 0, n).view, algebra.diagonal_of_product(v, dav));
      return algebra.with_part(values, A::by_columns(at, n, n, n).view, dv);
    }
    case Op::qr: {  // [W]: with C = Qᵀ Ȧ R⁻¹ and the skew Ω of its lower triangle, Ṙ = (C − Ω) R, Q̇ = Ȧ R⁻¹ − Q (C − Ω)
      const Value q = A::by_columns(f, 0, m, n), r = A::by_rows(f, m * n, n, n);
      const Value y = A::transposed(algebra.solve(true, algebra.matrix(Op::lu, r), A::transposed(*da)));
      const Value c = algebra.product(A::transposed(q), y), below = algebra.zero_but(Op::greater, c);
      const Value upper = algebra.plus(algebra.minus(c, below), A::transposed(below));
      const Value zeros = packed(1), at{zeros.node, whole(zeros.view.shape)};
      const Value dq = algebra.with_part(zeros, A::by_columns(at, 0, m, n).view, algebra.minus(y, algebra.product(q, upper)));
      return algebra.with_part(dq, A::by_rows(at, m * n, n, n).view, algebra.product(upper, r));
    }
    case Op::svdvals: {  // [T] (15): ṡ = diag(Uᵀ Ȧ V)
      const Value usv = algebra.matrix(Op::svd, a), u = A::by_columns(usv, 0, m, k), vt = A::by_columns(usv, m * k + k, k, n);
      return algebra.diagonal_of_product(u, algebra.product(*da, A::transposed(vt)));
    }
    case Op::svd: {
      // [T] (13) to (17): with P = Uᵀ Ȧ V and Fᵢⱼ = 1/(sⱼ² − sᵢ²),
      // U̇ = U (F ∘ (P S + S Pᵀ)) + (I − U Uᵀ) Ȧ V S⁻¹, V̇ = V (F ∘ (S P + Pᵀ S)) + (I − V Vᵀ) Ȧᵀ U S⁻¹
      const Value u = A::by_columns(f, 0, m, k), s = A::numbers(f, m * k, k), v = A::transposed(A::by_columns(f, m * k + k, k, n));
      const Value dav = algebra.product(*da, v), p = algebra.product(A::transposed(u), dav);
      const Value row = A::as_row(s), column = A::as_column(s), squares = algebra.times(s, s), pt = A::transposed(p);
      const Value left = algebra.plus(algebra.times(p, row), algebra.times(column, pt));
      const Value right = algebra.plus(algebra.times(column, p), algebra.times(pt, row));
      Value du = algebra.product(u, algebra.over_gaps(left, squares)), dv = algebra.product(v, algebra.over_gaps(right, squares));
      const Value inverse = builder.apply(Op::reciprocal, {&row, 1});
      if (m > k) du = algebra.plus(du, algebra.chain(inverse, without_span(algebra, u, dav)));
      if (n > k) dv = algebra.plus(dv, algebra.chain(inverse, without_span(algebra, v, algebra.product(A::transposed(*da), u))));
      const Value zeros = packed(1), at{zeros.node, whole(zeros.view.shape)};
      Value out = algebra.with_part(zeros, A::by_columns(at, 0, m, k).view, du);
      out = algebra.with_part(out, A::numbers(at, m * k, k).view, algebra.diagonal_of_product(u, dav));
      return algebra.with_part(out, A::by_columns(at, m * k + k, k, n).view, A::transposed(dv));
    }
    case Op::pinv: {  // [P] (4.12): Ṗ = −P Ȧ P + P Pᵀ Ȧᵀ (I − A P) + (I − P A) Ȧᵀ Pᵀ P, the rank being constant
      const Value p = A::by_rows(f, 0, n, m), pt = A::transposed(p), dat = A::transposed(*da);
      const Value first = algebra.product(p, algebra.product(*da, p));
      const Value x = algebra.product(p, algebra.product(pt, dat)), y = algebra.product(algebra.product(dat, pt), p);
      const Value second = algebra.minus(x, algebra.product(algebra.product(x, a), p));
      const Value third = algebra.minus(y, algebra.product(p, algebra.product(a, y)));
      const Value zeros = packed(1), at{zeros.node, whole(zeros.view.shape)};
      return algebra.with_part(zeros, A::by_rows(at, 0, n, m).view, algebra.minus(algebra.plus(second, third), first));
    }
    default:
      return std::nullopt;
  }
}

void send_matrix(Builder& builder, const Node& node, const Value& adjoint, int batch, const std::function<bool(std::int32_t)>& is_wanted,
                 const std::function<void(const Value&, const Value&)>& arrive) {
  using A = Algebra;
  const Op op = node.in.op;
  if (op == Op::lu) return;  // those who read it give the matrix its adjoint
  if (op == Op::call) no_rule_for_a_call();
  Algebra algebra(builder, batch);
  const auto [a, f, m, n, k] = decomposition(builder, node);
  switch (op) {
    case Op::lu_solve:  // [G] 2.3.1: B̄ = A⁻ᵀ X̄, Ā = −B̄ Xᵀ; with Aᵀ for A: B̄ = A⁻¹ X̄, Ā = −X B̄ᵀ
    case Op::lu_solve_transposed: {
      const Value b = operand(builder, node, 1), b_adjoint = algebra.solve(op == Op::lu_solve, operand(builder, node, 0), adjoint);
      if (is_wanted(b.node)) arrive(b, b_adjoint);
      if (!is_wanted(a.node)) return;
      const int spare = static_cast<int>(f.view.shape.size() - a.view.shape.size());
      return arrive(a, algebra.negative(op == Op::lu_solve ? algebra.product(b_adjoint, A::transposed(f), spare)
                                                           : algebra.product(f, A::transposed(b_adjoint), spare)));
    }
    case Op::lu_det:
      return arrive(a, algebra.chain(algebra.matrix(Op::cofactors, a), A::as_scale(adjoint)));
    case Op::lu_slogdet:
      return arrive(a, algebra.chain(algebra.inverse_transposed(operand(builder, node, 0), n), A::as_scale(A::part(adjoint, 1, {}, {}))));
    case Op::cofactors: {  // Ā = ⟨C̄, C⟩ A⁻ᵀ − C C̄ᵀ A⁻ᵀ
      const Value g = algebra.inverse_transposed(algebra.matrix(Op::lu, a), n);
      return arrive(a, algebra.minus(algebra.times(A::as_scale(algebra.inner(adjoint, f)), g),
                                     algebra.product(f, algebra.product(A::transposed(adjoint), g))));
    }
    case Op::cholesky: {  // [M] (10): L⁻ᵀ Φ(Lᵀ L̄) L⁻¹
      const Value lu = algebra.matrix(Op::lu, f);
      const Value half = algebra.solve(true, lu, algebra.lower_half(algebra.product(A::transposed(f), adjoint)));
      return arrive(a, algebra.folded(algebra.solve(true, lu, A::transposed(half))));
    }
    case Op::eigvalsh: {  // V diag(w̄) Vᵀ
      const Value v = A::by_columns(algebra.matrix(Op::eigh, a), n, n, n);
      return arrive(a, algebra.folded(algebra.product(algebra.times(v, A::as_row(adjoint)), A::transposed(v))));
    }
    case Op::eigh: {  // V (diag(w̄) + F ∘ (Vᵀ V̄)) Vᵀ
      const Value w = A::numbers(f, 0, n), v = A::by_columns(f, n, n, n), vt = A::transposed(v);
      const Value turned = algebra.over_gaps(algebra.product(vt, A::by_columns(adjoint, n, n, n)), w);
      const Value inside = algebra.plus(turned, algebra.diagonal_matrix(A::numbers(adjoint, 0, n), turned));
      return arrive(a, algebra.folded(algebra.product(v, algebra.product(inside, vt))));
    }
    case Op::qr: {  // [W]: with M = R R̄ᵀ − Q̄ᵀ Q, Ā = (Q̄ + Q mirrored(M)) R⁻ᵀ
      const Value q = A::by_columns(f, 0, m, n), r = A::by_rows(f, m * n, n, n);
      const Value q_adjoint = A::by_columns(adjoint, 0, m, n), r_adjoint = A::by_rows(adjoint, m * n, n, n);
      const Value inside = algebra.minus(algebra.product(r, A::transposed(r_adjoint)), algebra.product(A::transposed(q_adjoint), q));
      const Value both = algebra.plus(q_adjoint, algebra.product(q, algebra.mirrored(inside)));
      return arrive(a, A::transposed(algebra.solve(false, algebra.matrix(Op::lu, r), A::transposed(both))));
    }
    case Op::svdvals: {  // U diag(s̄) Vᵀ
      const Value usv = algebra.matrix(Op::svd, a), u = A::by_columns(usv, 0, m, k), vt = A::by_columns(usv, m * k + k, k, n);
      return arrive(a, algebra.product(algebra.times(u, A::as_row(adjoint)), vt));
    }
    case Op::svd: {
      // The tangent's terms turned round: with G = F ∘ (Uᵀ Ū) and H = F ∘ (Vᵀ V̄), P̄ = (G + Gᵀ) S + S (H + Hᵀ) + diag(s̄) and
      // Ā = U P̄ Vᵀ + (I − U Uᵀ) Ū S⁻¹ Vᵀ + U S⁻¹ V̄ᵀ (I − V Vᵀ)
      const Value u = A::by_columns(f, 0, m, k), s = A::numbers(f, m * k, k), vt = A::by_columns(f, m * k + k, k, n);
      const Value v = A::transposed(vt), u_adjoint = A::by_columns(adjoint, 0, m, k);
      const Value v_adjoint = A::transposed(A::by_columns(adjoint, m * k + k, k, n));
      const Value row = A::as_row(s), column = A::as_column(s), squares = algebra.times(s, s);
      const Value g = algebra.over_gaps(algebra.product(A::transposed(u), u_adjoint), squares);
      const Value h = algebra.over_gaps(algebra.product(vt, v_adjoint), squares);
      const Value turned =
          algebra.plus(algebra.times(algebra.plus(g, A::transposed(g)), row), algebra.times(column, algebra.plus(h, A::transposed(h))));
      const Value inside = algebra.plus(turned, algebra.diagonal_matrix(A::numbers(adjoint, m * k, k), turned));
      Value total = algebra.product(u, algebra.product(inside, vt));
      const Value inverse = builder.apply(Op::reciprocal, {&row, 1});
      if (m > k) total = algebra.plus(total, algebra.product(algebra.chain(inverse, without_span(algebra, u, u_adjoint)), vt));
      if (n > k)
        total = algebra.plus(total, algebra.product(u, A::transposed(algebra.chain(inverse, without_span(algebra, v, v_adjoint)))));
      return arrive(a, total);
    }
    case Op::pinv: {  // Ā = −Pᵀ P̄ Pᵀ + (I − A P) P̄ᵀ P Pᵀ + Pᵀ P P̄ᵀ (I − P A)
      const Value p = A::by_rows(f, 0, n, m), pt = A::transposed(p), bar = A::by_rows(adjoint, 0, n, m), bart = A::transposed(bar);
      const Value first = algebra.product(pt, algebra.product(bar, pt));
      const Value x = algebra.product(algebra.product(bart, p), pt), y = algebra.product(pt, algebra.product(p, bart));
      const Value second = algebra.minus(x, algebra.product(a, algebra.product(p, x)));
      const Value third = algebra.minus(y, algebra.product(algebra.product(y, p), a));
      return arrive(a, algebra.minus(algebra.plus(second, third), first));
    }
    default:
      return;
  }
}

}  // namespace fastcalc
