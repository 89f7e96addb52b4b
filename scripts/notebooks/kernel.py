"""Deno's Jupyter kernel, cell by cell, with all outputs of each.

The kernel sends what a cell shows and the note that the cell is over by two ways, and under load the note comes first. Clients
that stop listening at the note lose outputs then. Here every cell is followed by a mark that goes the way of the outputs:
what came before it is the cell's, and nothing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

CELL_SECONDS = 120
START_SECONDS = 60
MARK = "application/x-losslattice-mark"
OUTPUTS = ("execute_result", "display_data", "stream", "error")


class CellError(Exception):
    """A cell that did not run through: why."""


class DenoKernel:
    """A started kernel. `marks` counts the marks sent, which makes each one known when it comes back."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.marks = 0

    def send_mark(self) -> str:
        self.marks += 1
        content = f'{{ data: {{ "{MARK}": "{self.marks}" }}, metadata: {{}} }}'
        self.client.execute(f'await Deno.jupyter.broadcast("display_data", {content})', store_history=False)
        return str(self.marks)

    def messages_until(self, mark: str, seconds: float) -> list[dict]:
        """All messages that came before the mark did. Raises Empty when it does not come in time."""
        messages: list[dict] = []
        deadline = time.monotonic() + seconds
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            if message["content"].get("data", {}).get(MARK) == mark:
                return messages
            messages.append(message)

    def wait_until_heard(self) -> None:
        """The first messages of a kernel may be sent before anybody listens: marks are sent until one is heard."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.messages_until(self.send_mark(), 2)
                return
            except Empty:
                continue
        raise CellError("the kernel does not answer")

    def reply_to(self, request: str) -> dict:
        """The kernel's answer to a cell, which comes when the cell is over."""
        deadline = time.monotonic() + CELL_SECONDS
        while time.monotonic() < deadline:
            if not self.manager.is_alive():
                raise CellError("the kernel died")
            try:
                reply = self.client.get_shell_msg(timeout=1)
            except Empty:
                continue
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]
        raise CellError(f"it takes more than {CELL_SECONDS} s")

    def run(self, source: str) -> list[NotebookNode]:
        """Runs a cell and returns its outputs. Raises CellError when it throws, hangs, or ends the kernel."""
        request = self.client.execute(source)
        reply = self.reply_to(request)
        if reply["status"] != "ok":
            raise CellError(f"it throws {reply.get('ename', 'an error')}: {reply.get('evalue', '')}")
        messages = self.messages_until(self.send_mark(), CELL_SECONDS)
        own = [message for message in messages if message["parent_header"].get("msg_id") == request]
        return joined([output_from_msg(message) for message in own if message["msg_type"] in OUTPUTS])


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Pieces of text on one stream as one output: how a text is cut into messages is chance."""
    whole: list[NotebookNode] = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last is not None and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole


@contextmanager
def deno_kernel(folder: Path) -> Iterator[DenoKernel]:
    """A kernel that runs in the folder, where it finds deno.json; it ends with the block."""
    manager = KernelManager(kernel_name="deno")
    manager.start_kernel(cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        kernel = DenoKernel(manager, client)
        client.wait_for_ready(timeout=START_SECONDS)
        kernel.wait_until_heard()
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
