"""Two propositions classified straightforwardly with z3: distinct losses, and which ordered pairs of them are dominated.

    python classify_z3.py [PAIRS [SEED]]

Two structures are one loss when z3 finds no positive odds at which their cross products differ; one dominates another when it
finds none at which the difference is negative. All ordered pairs, or PAIRS of them drawn at random. Prints one JSON document
with the counts, the seconds of both steps and the verdict on each pair (masks of ticks and crosses of both, and whether the
first is dominated by the second, null where z3 gave up).
"""

import itertools
import json
import random
import sys
import time

import z3

w, l = z3.Reals("w l")
ROWS = [z3.RealVal(1), w, l, w * l]


def count(mask):
    return z3.Sum([row for bit, row in enumerate(ROWS) if mask >> bit & 1])


def some_point(condition):
    """True, False, or None when z3 gives up: is there a point of positive odds with the condition?"""
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(w > 0, l > 0, condition)
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def at(mask, x, y):
    return sum(value for bit, value in enumerate([1, x, y, x * y]) if mask >> bit & 1)


def fingerprint(ticks, crosses):
    """Exact values at two points: structures that differ there need no solver."""
    from fractions import Fraction

    return tuple(Fraction(at(ticks, x, y), at(crosses, x, y)) for x, y in ((3, 7), (11, 5)))


def classify():
    counts = {mask: count(mask) for mask in range(1, 16)}
    groups = {}
    classes = []
    for ticks, crosses in itertools.product(counts, counts):
        group = groups.setdefault(fingerprint(ticks, crosses), [])
        n, d = counts[ticks], counts[crosses]
        if not any(some_point(n * counts[e] != counts[m] * d) is False for m, e in group):
            group.append((ticks, crosses))
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
    found = [some_point(counts[b[0]] * counts[a[1]] - counts[a[0]] * counts[b[1]] < 0) for a, b in pairs]
    answers = [None if negative is None else not negative for negative in found]
    ended = time.perf_counter()
    report = {
        "package": "z3",
        "version": z3.get_version_string(),
        "distinctLosses": len(classes),
        "pairs": total,
        "examined": len(pairs),
        "dominance": sum(answer is True for answer in answers),
        "undecided": sum(answer is None for answer in answers),
        "seconds": {"classes": classified - start, "pairs": ended - classified},
        "verdicts": [[*a, *b, answer] for (a, b), answer in zip(pairs, answers)],
    }
    print(json.dumps(report))


main()
