"""The event file of a job, byte for byte as src/finetune/EventLog.ts writes it.

One JSON line per event, on disk before it is printed; a resumed job cuts the file back to its checkpoint. Numbers have
JavaScript's shortest form, so that the same values give the same bytes from every engine.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

EVENT_VERSION = 1
EVENTS_FILE = "events.jsonl"
EVENT_KINDS = ("started", "step", "evaluation", "checkpoint", "finished", "failed")


def number_text(value: float | int) -> str:
    """A finite number as `JSON.stringify` prints it: shortest digits, exponents below 1e-6 and from 1e21 on, no `-0`.

    Raises ValueError for NaN and infinities, which no event may hold.
    """
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"an event cannot hold the number {value}")
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value)!r}e0".split("e")[:2]
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).rstrip("0") or "0"
    point = len(whole) + int(exponent)  # the decimal point stands after this many digits
    leading = len(digits) - len(digits.lstrip("0"))
    digits, point = digits[leading:], point - leading
    sign = "-" if value < 0 else ""
    if 0 < point <= 21:
        padded = digits.ljust(point, "0")
        return sign + padded[:point] + (f".{padded[point:]}" if len(padded) > point else "")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    return f"{sign}{digits[0]}{'.' + digits[1:] if len(digits) > 1 else ''}e{'+' if power > 0 else '-'}{abs(power)}"


def string_text(value: str) -> str:
    """A string as `JSON.stringify` prints it: unescaped beyond ASCII, lone surrogates as `\\udxxx`."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)


def json_text(value: Any) -> str:
    """JSON text as `JSON.stringify` prints it; keys in their order."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{string_text(key)}:{json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(json_text, value)) + "]"
    raise TypeError(f"no JSON value: {type(value).__name__}")


def event_line(event: dict[str, Any]) -> str:
    """One event as a line, newline included."""
    return json_text(event) + "\n"


def _is_event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    known = isinstance(event, dict) and event.get("version") == EVENT_VERSION and event.get("event") in EVENT_KINDS
    return event if known else None


def _read(text: str) -> tuple[list[dict[str, Any]], bool]:
    """The events up to the first line that is none, and whether every line is complete and an event."""
    events: list[dict[str, Any]] = []
    *lines, rest = text.split("\n")
    for line in lines:
        event = _is_event(line)
        if event is None:
            return events, False
        events.append(event)
    return events, rest == ""


class EventLog:
    """The events of one job, on disk when it has a folder."""

    def __init__(self, folder: str | None):
        self.bytes = 0
        self._file: Path | None = None
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._file = Path(folder) / EVENTS_FILE

    def _content(self) -> bytes:
        return self._file.read_bytes() if self._file is not None and self._file.exists() else b""

    def earlier(self) -> list[dict[str, Any]] | None:
        """What an earlier run of this folder left; None when the file holds something else than events."""
        text = self._content().decode("utf8", errors="replace")
        events, _ = _read(text)
        unfinished = text.startswith("{") and "\n" not in text
        return events if text == "" or events or unfinished else None

    def keep(self, count: int) -> list[dict[str, Any]] | None:
        """Keeps the first `count` bytes, drops the rest and returns the events kept; None, with nothing changed, when those
        bytes are not there or not whole events."""
        content = self._content()[:count]
        events, whole = _read(content.decode("utf8", errors="replace"))
        if len(content) < count or not whole:
            return None
        self.bytes = count
        if self._file is not None:
            with open(self._file, "ab") as file:
                file.truncate(count)
        return events

    def append(self, event: dict[str, Any]) -> dict[str, Any]:
        """Appends an event and returns it."""
        line = event_line(event).encode("utf8")
        if self._file is not None:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                while line:
                    line = line[os.write(descriptor, line) :]
            finally:
                os.close(descriptor)
        self.bytes += len(event_line(event).encode("utf8"))
        return event
