"""Makes the worker importable from a checkout, and keeps the tests to one thread and off the network. test_cuda.py is for machines
with an NVIDIA GPU: `python -m pytest python/tests/test_cuda.py` there; elsewhere it is not collected."""

import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch  # noqa: E402

collect_ignore = [] if torch.cuda.is_available() else ["test_cuda.py"]
