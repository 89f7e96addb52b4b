"""Seeded random numbers and the order of the data, the same as in the embedded engine (src/random/rng.ts, tfjs/update.ts).

xoshiro128** (Blackman & Vigna 2018), seeded through SplitMix32 from an FNV-1a hash of the seed and split labels: equal
(seed, labels) give equal streams on every machine and in every process, in any order of evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MASK = 0xFFFFFFFF


def _code_units(text: str) -> list[int]:
    """UTF-16 code units, which JavaScript's `charCodeAt` gives."""
    data = text.encode("utf-16-le", errors="surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]


def _fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for unit in _code_units(text):
        value = ((value ^ unit) * 0x01000193) & _MASK
    return value


def _seed_state(label: str) -> list[int]:
    state = []
    for word in range(4):
        z = (_fnv1a(f"{word}/{label}") + 0x9E3779B9 * (word + 1)) & _MASK
        z = ((z ^ (z >> 16)) * 0x21F0AAAD) & _MASK
        z = ((z ^ (z >> 15)) * 0x735A2D97) & _MASK
        state.append((z ^ (z >> 15)) & _MASK)
    return state if any(state) else [1, 0, 0, 0]


class Rng:
    """A stream of random numbers. `split` derives an independent stream without advancing this one."""

    def __init__(self, label: str):
        self.label = label
        self._state = _seed_state(label)

    @staticmethod
    def from_seed(seed: int | str) -> Rng:
        return Rng(str(seed))

    def split(self, label: str | int) -> Rng:
        return Rng(f"{self.label}/{label}")

    def word(self) -> int:
        """Uniform 32-bit word."""
        s0, s1, s2, s3 = self._state
        s2 ^= s0
        s3 ^= s1
        scrambled = (s1 * 5) & _MASK
        result = (((scrambled << 7) | (scrambled >> 25)) * 9) & _MASK
        self._state = [s0 ^ s3, s1 ^ s2, s2 ^ ((s1 << 9) & _MASK), ((s3 << 11) | (s3 >> 21)) & _MASK]
        return result

    def uniform(self) -> float:
        """Uniform in [0, 1) with 53 random bits."""
        return ((self.word() >> 5) * 67108864 + (self.word() >> 6)) / 9007199254740992

    def integer(self, n: int) -> int:
        """Uniform in [0, n), n from 1 to 2^32."""
        if not 1 <= n <= 1 << 32:
            raise ValueError(f"n must be in 1..2^32, got {n}")
        return int(self.uniform() * n)

    def shuffled(self, items: Sequence[int]) -> list[int]:
        """Fisher-Yates shuffle of a copy."""
        copy = list(items)
        for i in range(len(copy) - 1, 0, -1):
            j = self.integer(i + 1)
            copy[i], copy[j] = copy[j], copy[i]
        return copy


def batch_order(size: int, batch_size: int, rng: Rng) -> Callable[[int], list[int]]:
    """Rows of update `step` (from 1): shuffled passes over `size` rows, one after the other, cut into batches."""
    passes: dict[int, list[int]] = {}

    def order_of(number: int) -> list[int]:
        if number not in passes:
            passes.clear()
            passes[number] = rng.split(number).shuffled(range(size))
        return passes[number]

    def batch(step: int) -> list[int]:
        places = range((step - 1) * batch_size, step * batch_size)
        return [order_of(at // size)[at % size] for at in places]

    return batch


def job_batches(seed: int, size: int, batch_size: int) -> Callable[[int], list[int]]:
    """The batches of a job."""
    return batch_order(size, batch_size, Rng.from_seed(seed).split("batches"))
