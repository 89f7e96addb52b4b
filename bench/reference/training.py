"""Bandit training by vectorised NumPy and by jitted JAX, all seeds at once: the alternatives of bench/training.ts.

Usage: training.py DATA SEEDS ARMS STEPS, then a line "ENGINE LOSS" a time on standard input (numpy or jax; dpo or uncpo); answers each
with a line of JSON: seconds of wall clock and of processor time, and the policies' file. DATA: float64 log reference [S, K], then pair
weights [S, K, K]. The formulas are the ones that one writes by hand in plain probabilities; exp, log and the rest as the engine has them.
"""
import json
import os
import sys
import time

import numpy as np

path, seeds, arms, steps = sys.argv[1], *map(int, sys.argv[2:5])
data = np.fromfile(path)
reference = data[: seeds * arms].reshape(seeds, arms)
weights = data[seeds * arms :].reshape(seeds, arms, arms)
beta, rate = 0.5, 0.02


def push_dpo(lp, p, ref, w, buffer):
    gap = (lp - ref) * beta
    np.subtract(gap[:, :, None], gap[:, None, :], out=buffer)
    np.exp(buffer, out=buffer)
    buffer += 1
    np.divide(w, buffer, out=buffer)
    return (buffer.sum(1) - buffer.sum(2)) * beta


def push_uncpo(lp, p, ref, w, buffer):
    q = 1 - p
    crosses = q[:, :, None] * p[:, None, :]
    ticks = 1 - crosses
    slope = np.log(ticks / crosses)
    np.exp(slope, out=slope)
    slope += 1
    np.divide(w, slope, out=slope)
    by_w = (p[:, :, None] * p[:, None, :]) / ticks + (p / q)[:, :, None]
    return (slope / ticks).sum(1) - (slope * by_w).sum(2)


def train_numpy(push, ref, w):
    z, m, v = ref.copy(), np.zeros_like(ref), np.zeros_like(ref)
    buffer = np.empty_like(w)
    for t in range(1, steps + 1):
        top = z.max(1, keepdims=True)
        e = np.exp(z - top)
        total = e.sum(1, keepdims=True)
        lp, p = z - (top + np.log(total)), e / total
        g = push(lp, p, ref, w, buffer)
        g = g - p * g.sum(1, keepdims=True)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        z = z - rate / (1 - 0.9**t) * m / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def numpy_engine(loss, chunk):
    push = {"dpo": push_dpo, "uncpo": push_uncpo}[loss]
    parts = range(0, seeds, chunk)
    return lambda: np.concatenate([train_numpy(push, reference[s : s + chunk], weights[s : s + chunk]) for s in parts])


def jax_engine(loss):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def push(lp, p, ref, w):
        if loss == "dpo":
            gap = (lp - ref) * beta
            b = w * jax.nn.sigmoid(gap[:, None, :] - gap[:, :, None])
            return (b.sum(1) - b.sum(2)) * beta
        q = 1 - p
        crosses = q[:, :, None] * p[:, None, :]
        ticks = 1 - crosses
        slope = w * jax.nn.sigmoid(-jnp.log(ticks / crosses))
        by_w = (p[:, :, None] * p[:, None, :]) / ticks + (p / q)[:, :, None]
        return (slope / ticks).sum(1) - (slope * by_w).sum(2)

    def step(t, carry, ref, w):
        z, m, v = carry
        lp = jax.nn.log_softmax(z, axis=1)
        p = jnp.exp(lp)
        g = push(lp, p, ref, w)
        g = g - p * g.sum(1, keepdims=True)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        n = t + 1.0
        return z - rate / (1 - 0.9**n) * m / (jnp.sqrt(v / (1 - 0.999**n)) + 1e-8), m, v

    @jax.jit
    def train(ref, w):
        zero = jnp.zeros_like(ref)
        return jax.nn.softmax(jax.lax.fori_loop(0, steps, lambda t, c: step(t, c, ref, w), (ref, zero, zero))[0], axis=1)

    ref, w = jnp.asarray(reference), jnp.asarray(weights)
    train(ref, w).block_until_ready()
    return lambda: np.asarray(train(ref, w).block_until_ready())


def timed(run):
    wall, cpu = time.perf_counter(), time.process_time()
    policies = run()
    return time.perf_counter() - wall, time.process_time() - cpu, policies


def chunked(loss):
    """The faster of all seeds at once and of blocks that fit the second level of cache."""
    choices = [(timed(numpy_engine(loss, chunk))[1], chunk) for chunk in (seeds, max(1, seeds // 10))]
    return numpy_engine(loss, min(choices)[1])


engines = {}
for line in sys.stdin:
    engine, loss = line.split()
    try:
        key = (engine, loss)
        if key not in engines:
            engines[key] = chunked(loss) if engine == "numpy" else jax_engine(loss)
        wall, cpu, policies = timed(engines[key])
        file = f"{path}.{engine}"
        np.asarray(policies, dtype=np.float64).tofile(file)
        version = np.__version__ if engine == "numpy" else __import__("jax").__version__
        print(json.dumps({"wall": wall, "cpu": cpu, "file": file, "version": version, "pid": os.getpid()}), flush=True)
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), flush=True)
