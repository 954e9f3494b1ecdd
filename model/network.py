"""The exported network, run by OpenVINO: a batch in; segments' vectors and logits out."""

from __future__ import annotations

import os
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import openvino as ov

from model.errors import ModelError
from model.windows import Batch, FloatArray, IntArray

# Size of the groups in which activations are rounded to 8 bits, as the weights are
# (`training.encoder.quantize`).
# Processors without 8-bit dot products (VNNI) keep them in float32, and come closer to it.
_ROUNDED_TOGETHER = 128
# Kernels are kept for so many shapes; by default for 5,000, and memory grows with each.
_N_KERNELS = 64
# Tokens, and segments to pool, are padded to a multiple: hardly two articles have as many.
_APART = 16
# Beyond that, Python's own work is what streams wait for, and each holds some 60 MB.
_MOST_STREAMS = 8
_NOTHING = (
    "openvino 没有算出结果：设有环境变量 ONEDNN_MAX_CPU_ISA 的话请去掉；"
    "否则可能内存不足，或要升级 openvino"
)


def count_streams() -> int:
    """Return how many articles are worth analysing at a time: one a core, and one to spare.

    While one is cleaned or summarised, the network has others to read.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    n_cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(n_cores + 1, _MOST_STREAMS)


def runtime_settings(threads: int, streams: int) -> dict[str, Any]:
    """Return what the runtime is told, as for `Network.load`."""
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": threads * streams,
        "INFERENCE_PRECISION_HINT": "f32",  # the same on processors without bfloat16
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _ROUNDED_TOGETHER,
        "CPU_RUNTIME_CACHE_CAPACITY": _N_KERNELS,
        "ENABLE_CPU_PINNING": False,  # other processes' runs would share its cores
    }


def to_inputs(batch: Batch) -> dict[str, IntArray | FloatArray]:
    """Return what the runtime is given of a batch, its tokens and segments padded."""
    n_segments, n_tokens = batch.pool.shape
    more_tokens = (0, -n_tokens % _APART)
    return {
        "ids": np.pad(batch.ids, more_tokens),
        "positions": np.pad(batch.positions, more_tokens),
        "slots": batch.slots,
        "places": np.pad(batch.places, more_tokens),
        "pool": np.pad(batch.pool, ((0, -n_segments % _APART), more_tokens)),
    }


class Network:
    """A network that several threads may run at a time, each run by itself."""

    def __init__(self, compiled: ov.CompiledModel, streams: int) -> None:
        self._idle: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())

    @classmethod
    def load(cls, path: Path, *, threads: int = 0, streams: int = 1) -> Network:
        """Load an exported network.

        Args:
            path: an ONNX file.
            threads: cores for each run; 0 takes all.
            streams: how many are run at a time; a run beyond them waits for its turn.

        Raises:
            ModelError: it cannot be read.
        """
        try:
            compiled = ov.Core().compile_model(str(path), "CPU", runtime_settings(threads, streams))
        except RuntimeError as error:
            raise ModelError(f"网络 {path} 无法载入：{error}") from error
        return cls(compiled, streams)

    def run(self, batch: Batch) -> tuple[FloatArray, FloatArray]:
        """Return vectors (segments, hidden) and logits (segments, themes + 1).

        Raises:
            ModelError: the runtime computed nothing, as where its kernels are held to fewer
                instructions than the processor has; with one thread it does not even say so.
        """
        n_segments, inputs = len(batch.pool), to_inputs(batch)
        request = self._idle.get()
        try:
            request.infer(inputs)
            vectors, logits = (request.get_tensor(name).data for name in ("vectors", "logits"))
            if len(logits) == len(inputs["pool"]):
                return vectors[:n_segments].copy(), logits[:n_segments].copy()
        except RuntimeError as error:
            raise ModelError(_NOTHING) from error
        finally:
            self._idle.put(request)
        raise ModelError(_NOTHING)
