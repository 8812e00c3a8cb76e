"""A process for the tests of `checker.worker`: it shouts each text back, and does what some texts tell it to."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from checker.worker import Answer, serve


def answers(request: dict[str, Any]) -> Iterator[Answer]:
    for text in request["texts"]:
        if text == "die":
            sys.stderr.write("last words\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "hang":
            time.sleep(60)
        if text == "refuse":
            yield {"error": "no model", "remedy": "buy one"}
            return
        print("what a library prints")  # noqa: T201 -- it must not be taken for an answer
        yield {"text": text.upper(), "pid": os.getpid()}


if __name__ == "__main__":
    serve(answers)
