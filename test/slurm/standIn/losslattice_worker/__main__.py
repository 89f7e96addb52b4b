"""A worker that trains nothing but keeps the contract: events, status, checkpoints, signals, ranks.

`stand-in.json` in the job's folder may hold `sleep` (seconds an update), `fail_at` (update) and `exit_at` ([update, code]:
ends there without a word, once).
"""

import json
import os
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

job = json.loads(Path(sys.argv[2]).read_text())
folder = Path(job["output"])
rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
extra = folder / "stand-in.json"
behaviour = json.loads(extra.read_text()) if extra.exists() else {}
stop = False


def on_signal(_number: int, _frame: object) -> None:
    global stop
    stop = True


signal.signal(signal.SIGTERM, on_signal)
signal.signal(signal.SIGUSR1, on_signal)


def write(name: str, text: str) -> None:
    part = folder / f"{name}.part"
    part.write_text(text)
    part.replace(folder / name)


def status(state: str, step: int) -> None:
    updated = datetime.now(timezone.utc).isoformat()
    write("status.json", json.dumps({"version": 1, "job": job["id"], "state": state, "step": step, "steps": job["steps"],
                                     "pid": os.getpid(), "host": os.uname().nodename, "world_size": world,
                                     "updated": updated, "restart": int(os.environ.get("SLURM_RESTART_COUNT", "0"))}))


def event(kind: str, **fields: object) -> None:
    line = json.dumps({"version": 1, "job": job["id"], "event": kind, **fields}, separators=(",", ":"))
    with (folder / "events.jsonl").open("a") as file:
        file.write(line + "\n")
    print(line, flush=True)


def checkpoint(step: int) -> None:
    size = (folder / "events.jsonl").stat().st_size
    write("checkpoint.json", json.dumps({"step": step, "event_bytes": size}))


def resume() -> int:
    saved = folder / "checkpoint.json"
    events = folder / "events.jsonl"
    if not saved.exists():
        events.write_text("")
        event("started", job_hash="0", loss="none", parameters=1, pairs=1, held_out_pairs=0, model_hash="0",
              step_zero_loss=0.5, step_zero_expected=0.5)
        return 0
    state = json.loads(saved.read_text())
    with events.open("r+b") as file:
        file.truncate(state["event_bytes"])
    return state["step"]


def marked(name: str) -> bool:
    """Whether this is the first call with this name in this folder, restarts included."""
    try:
        (folder / name).touch(exist_ok=False)
        return True
    except FileExistsError:
        return False


def train() -> int:
    (folder / "ranks").mkdir(exist_ok=True)
    (folder / "ranks" / str(rank)).write_text(f"{world} {os.environ.get('LOCAL_RANK')} {os.environ.get('MASTER_ADDR')}")
    with (folder / "starts").open("a") as file:
        file.write(f"{os.environ['SLURM_JOB_ID']} {os.environ['SLURMD_NODENAME']} {rank}\n")
    step = resume() if rank == 0 else 0
    while step < job["steps"]:
        if rank == 0:
            status("running", step)
        time.sleep(behaviour.get("sleep", 0.02))
        step += 1
        if rank == 0:
            event("step", step=step, metrics={"loss": 1 / step})
            if step == behaviour.get("fail_at"):
                event("failed", step=step, reason="non-finite-loss", message="it was told to fail", rows=[3])
                status("failed", step)
                return 1
            if step % job.get("checkpoint_every", 10) == 0:
                event("checkpoint", step=step, file="checkpoint.json")
                checkpoint(step)
        if step == behaviour.get("exit_at", [0])[0] and marked("exited"):
            os._exit(behaviour["exit_at"][1])
        if stop:
            if rank == 0:
                checkpoint(step)
                status("cancelled", step)
            return 143
    if rank == 0:
        event("finished", step=step)
        status("finished", step)
    return 0


sys.exit(train())
