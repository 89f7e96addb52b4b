"""Files that are either the old or the new version, whatever happens in between."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_atomic(path: str | Path, parts: Iterable[bytes], durable: bool = True) -> None:
    """Writes bytes to a name of its own beside `path`, flushes them to the disk if `durable`, and renames; makes missing
    folders. Of several writers at once the last one wins, whole."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with open(temporary, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: str | Path, value: Any) -> None:
    """Writes JSON, atomically."""
    write_atomic(path, [(json.dumps(value, ensure_ascii=False) + "\n").encode()], durable=False)
