"""The benches run, at a size that measures nothing."""

import json
import os
import subprocess
import sys

from tiny import ROOT


def lines_of(*command):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{\"bench\"")]


def test_a_step_beside_a_plain_loop_has_the_same_loss():
    (line,) = lines_of("bench/torch/step.py", "--size", "tiny", "--repeats", "1")
    for way in ("padded", "shared"):
        assert line[way]["difference"] < 1e-5
        assert line[way]["ratio"] > 0


def test_the_gpu_bench_runs_in_small():
    lines = lines_of("bench/torch/gpu.py", "--small", "--only", "machine,mfu-0.5b,mfu-8b,losses", "--repeats", "1")
    assert [line["bench"] for line in lines] == ["machine", "mfu-tiny", "mfu-tiny", "mfu-tiny", "losses"]
    assert all(line["tokens_per_second"] > 0 for line in lines[1:4])
