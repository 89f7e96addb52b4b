"""Processes that train together: where this one stands, how numbers are gathered, and how all end when one fails.

Ranks come from torchrun (RANK, LOCAL_RANK, WORLD_SIZE), from Slurm (SLURM_PROCID, SLURM_LOCALID, SLURM_NTASKS, with MASTER_ADDR
and MASTER_PORT set), or from launch.py. Only rank 0 writes. A rank that fails leaves its reason in the store that all share;
rank 0 reads it there even while it waits for the others, writes the event, and everybody ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from .errors import TrainFailure

#: Seconds between looks at the store.
WATCH_EVERY = 0.5
#: Seconds that a failed rank waits for rank 0 to have written its failure.
FAREWELL = 20.0


@dataclass(frozen=True)
class Place:
    """Where a process stands among those that train one job."""

    rank: int = 0
    local_rank: int = 0
    world_size: int = 1

    @property
    def first(self) -> bool:
        return self.rank == 0


def place_from(environment: dict[str, str] | os._Environ[str]) -> Place:
    """The place that the environment tells. One process of torchrun or Slurm is a group of one."""
    if "RANK" in environment and "WORLD_SIZE" in environment:
        names = ("RANK", "LOCAL_RANK", "WORLD_SIZE")
    elif "SLURM_PROCID" in environment and "MASTER_ADDR" in environment:
        names = ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS")
    else:
        return Place()
    rank, local, world = (int(environment.get(name, "0")) for name in names)
    return Place(rank, local, world)


class Group:
    """The processes of a job. With one process every operation is the identity."""

    def __init__(self, place: Place, device: torch.device, store: dist.Store | None = None):
        self.place, self.device, self.store = place, device, store
        self._watching = False
        self._watcher: threading.Thread | None = None

    @property
    def alone(self) -> bool:
        return self.place.world_size == 1

    def sum(self, values: Tensor) -> Tensor:
        """Sum over processes, on the CPU; exact where only one has a value other than 0."""
        if self.alone:
            return values
        moved = values.to(self.device)
        dist.all_reduce(moved)
        return moved.cpu()

    def any(self, flag: bool) -> bool:
        """Whether any process says so."""
        return bool(self.sum(torch.tensor([float(flag)], dtype=torch.float64))[0] > 0) if not self.alone else flag

    def most(self, value: int) -> int:
        """The largest value of all processes."""
        if self.alone:
            return value
        moved = torch.tensor([value], device=self.device)
        dist.all_reduce(moved, op=dist.ReduceOp.MAX)
        return int(moved[0])

    def from_first(self, values: Tensor) -> Tensor:
        """Rank 0's values, on the CPU; the others give a tensor of the same shape and dtype."""
        if self.alone:
            return values
        moved = values.to(self.device)
        dist.broadcast(moved, src=0)
        return moved.cpu()

    def barrier(self) -> None:
        if not self.alone:
            self.any(False)

    def watch(self, on_failure: Callable[[TrainFailure], None]) -> None:
        """Starts the thread that ends this process when another failed; on rank 0 `on_failure` writes the event first."""
        if self.alone or self.store is None:
            return
        self._watching = True
        self._watcher = threading.Thread(target=self._watch, args=(on_failure, self.store.clone()), daemon=True)
        self._watcher.start()

    def _watch(self, on_failure: Callable[[TrainFailure], None], store: dist.Store) -> None:
        while self._watching:
            time.sleep(WATCH_EVERY)
            try:
                if not store.check(["failure"]):
                    continue
                failure = json.loads(store.get("failure"))
            except Exception:  # the process that held the store is gone
                if self._watching:
                    print("the first process is gone", file=sys.stderr, flush=True)
                    os._exit(1)
                return
            if failure["rank"] == self.place.rank or not self._watching:
                return
            code = 1
            if self.place.first:
                error = TrainFailure(failure["reason"], failure["message"], failure["step"], failure["rows"])
                code = error.exit_code
                on_failure(error)
                store.set("written", "1")
            os._exit(code)

    def report(self, failure: TrainFailure) -> None:
        """Tells the others that this process failed; returns when rank 0 has written it down."""
        self._watching = False
        if self.alone or self.store is None:
            return
        content = {"rank": self.place.rank, "reason": failure.reason, "message": failure.message}
        try:
            if self.place.first:
                self.store.set("failure", json.dumps({**content, "step": failure.step, "rows": failure.rows}))
                return
            self.store.set("failure", json.dumps({**content, "step": failure.step, "rows": failure.rows}))
            self.store.wait(["written"], timedelta(seconds=FAREWELL))
        except Exception:  # the first process went before it could answer
            return

    def leave(self) -> None:
        """Ends the group in order, all processes together."""
        self._watching = False
        if not self.alone:
            if self._watcher is not None:
                self._watcher.join()
            self.barrier()
            dist.destroy_process_group()


def _store(place: Place) -> dist.Store:
    """The store of a group: torchrun's own where it keeps one, else held by rank 0."""
    host, port = os.environ.get("MASTER_ADDR", "127.0.0.1"), int(os.environ.get("MASTER_PORT", "29511"))
    agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    store = dist.TCPStore(host, port, place.world_size, place.first and not agent, timedelta(minutes=10))
    restart = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return dist.PrefixStore(f"losslattice/{restart}", store)


def join(place: Place, device: torch.device) -> Group:
    """Joins the group of a job; gloo on CPUs, NCCL on CUDA devices."""
    if place.world_size == 1:
        return Group(place, device)
    store = _store(place)
    backend = "nccl" if device.type == "cuda" else "gloo"
    options = {"device_id": device} if device.type == "cuda" else {}
    dist.init_process_group(backend, store=store, rank=place.rank, world_size=place.world_size, **options)
    return Group(place, device, store)


def pick_device(wanted: str, place: Place) -> torch.device:
    """The device of this process. Raises TrainFailure (engine-unavailable) where CUDA is asked for and there is none."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise TrainFailure("engine-unavailable", "torch.device is cuda, and PyTorch finds no CUDA device here")
    if wanted == "cpu" or not available:
        return torch.device("cpu")
    count = torch.cuda.device_count()
    if place.local_rank >= count:
        message = f"process {place.local_rank} of this machine has no device of its own: there are {count}"
        raise TrainFailure("engine-unavailable", message)
    device = torch.device("cuda", place.local_rank)
    torch.cuda.set_device(device)
    return device
