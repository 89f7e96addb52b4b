"""Two propositions classified straightforwardly with SymPy: distinct losses, and which ordered pairs of them are dominated.

    python classify_sympy.py [PAIRS [SEED]]

Structures are grouped by equal cross products of their counts in odds. A difference of cross products is nowhere negative on
the positive orthant when its coefficients say so, or else when for every odds of l fixed at a root or between two roots of what
can change the sign, the quadratic in the odds of w is nowhere negative. All ordered pairs, or PAIRS of them drawn at random.
Prints one JSON document with the counts, the seconds of both steps and the verdict on each pair (masks of ticks and crosses of
both, and whether the first is dominated by the second).
"""

import itertools
import json
import random
import sys
import time

import sympy
from sympy import Poly, QQ, Symbol

w, l = Symbol("w", positive=True), Symbol("l", positive=True)
ROWS = [sympy.Integer(1), w, l, w * l]


def count(mask):
    return Poly(sum((row for bit, row in enumerate(ROWS) if mask >> bit & 1), sympy.Integer(0)), w, l, domain=QQ)


def samples(polynomials):
    """Positive values of l: every positive root of the polynomials, and a point in each interval between and beyond them."""
    roots = sorted({root for p in polynomials if p.degree() > 0 for root in p.real_roots() if root > 0})
    if not roots:
        return [sympy.Integer(1)]
    between = [(a + b) / 2 for a, b in zip(roots, roots[1:])]
    return [roots[0] / 2, *roots, *between, roots[-1] + 1]


def negative_somewhere(a, b, c):
    """Whether a w^2 + b w + c is negative for some w > 0, a, b, c real numbers."""
    if a < 0 or c < 0:
        return True
    return b < 0 and (a == 0 or b * b - 4 * a * c > 0)


def never_negative(q):
    if all(coefficient >= 0 for coefficient in q.coeffs()):
        return True
    inner = Poly(q.as_expr(), w)
    a, b, c = (Poly(inner.coeff_monomial(w**e), l, domain=QQ) for e in (2, 1, 0))
    points = samples([a, b, c, b * b - 4 * a * c])
    return not any(negative_somewhere(*(p.eval(x) for p in (a, b, c))) for x in points)


def classify():
    """One structure of every distinct loss: the masks of its ticks and crosses."""
    counts = {mask: count(mask) for mask in range(1, 16)}
    classes = []
    for ticks, crosses in itertools.product(counts, counts):
        n, d = counts[ticks], counts[crosses]
        if not any(n * counts[e] == counts[m] * d for m, e in classes):
            classes.append((ticks, crosses))
    return classes, counts


def main():
    start = time.perf_counter()
    classes, counts = classify()
    classified = time.perf_counter()
    pairs = list(itertools.permutations(classes, 2))
    total = len(pairs)
    if len(sys.argv) > 1:
        pairs = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0).sample(pairs, min(total, int(sys.argv[1])))
    answers = [never_negative(counts[b[0]] * counts[a[1]] - counts[a[0]] * counts[b[1]]) for a, b in pairs]
    ended = time.perf_counter()
    report = {
        "package": "sympy",
        "version": sympy.__version__,
        "distinctLosses": len(classes),
        "pairs": total,
        "examined": len(pairs),
        "dominance": sum(answers),
        "undecided": 0,
        "seconds": {"classes": classified - start, "pairs": ended - classified},
        "verdicts": [[*a, *b, answer] for (a, b), answer in zip(pairs, answers)],
    }
    print(json.dumps(report))


main()
