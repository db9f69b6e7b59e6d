"""PURE. The child that reads letters: pixels come in over a pipe, boxes with texts go out. Nothing else imports this.

It is the only place that knows rapidocr, runs with bounds of its own, and is told nothing but the pixels.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from multiprocessing.connection import Connection
from typing import Any

SIZE = struct.Struct("<II")
READY = b"ready"
_NICENESS = 5  # the service's own work goes first
#: `use_cls` would turn short amounts upside down. A strip is padded to the third number of `rec_img_shape`: most cells
#: of an invoice are shorter than the 320 that is usual, and cost a third of it this way.
_PARAMETERS: dict[str, object] = {
    "Global.use_cls": False,
    "Global.log_level": "error",
    "Global.max_side_len": 2000,
    "Det.limit_type": "max",
    "Det.limit_side_len": 1280,
    "Det.max_candidates": 400,
    "Rec.rec_img_shape": [3, 48, 96],
    "Rec.rec_batch_num": 4,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def main(descriptor: int, memory: int, seconds: int) -> None:  # pragma: no cover  runs in the child
    """Answer pictures until the pipe closes; past `memory` bytes of its own or `seconds` a picture it dies."""
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _allow(seconds)
    import numpy
    from rapidocr import RapidOCR

    engine = RapidOCR(params=_PARAMETERS)
    connection = Connection(descriptor)
    connection.send_bytes(READY)
    while True:
        try:
            width, height = SIZE.unpack(connection.recv_bytes(SIZE.size))
            grey = numpy.frombuffer(connection.recv_bytes(width * height), numpy.uint8).reshape(height, width)
        except EOFError:
            return
        _allow(seconds)
        result = engine(numpy.repeat(grey[:, :, None], 3, axis=2), use_cls=False)
        connection.send_bytes(json.dumps(_found(result)).encode())


def _allow(seconds: int) -> None:  # pragma: no cover  runs in the child
    """So much time of the processor from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _found(result: Any) -> list[tuple[str, float, list[list[float]]]]:  # pragma: no cover  runs in the child
    """Text, score and corners of each box."""
    if result.boxes is None or not result.txts:
        return []
    rows = zip(result.txts, result.scores, result.boxes, strict=True)
    return [(text, round(float(score), 4), [[float(x), float(y)] for x, y in box]) for text, score, box in rows]


if __name__ == "__main__":  # pragma: no cover  runs in the child
    main(*map(int, sys.argv[1:4]))
