"""The exported network, run by OpenVINO: from a batch to segments' vectors and logits."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

import numpy as np
import openvino as ov

from model.arrays import FloatArray, IntArray
from model.errors import ModelError
from model.windows import Batch

# Group size for rounding activations to 8 bits, the weights' own (`training.encoder.quantize`).
# Processors without 8-bit dot products (VNNI) keep activations in float32 and lose less.
_QUANTIZATION_GROUP = 128
# Size of OpenVINO's kernel cache; its default of 5,000 grows memory.
_KERNEL_CACHE_SIZE = 64
# Pad to multiples of 16 so that kernels are reused across articles.
_PAD_MULTIPLE = 16
# With more streams, Python's own work becomes the bottleneck; each stream takes some 60 MB.
_MAX_STREAMS = 8
# Output of the lower layers, where a network has it: what the reading head starts from.
STATES = "states"
_NO_RESULT = (
    "openvino 没有算出结果：设有环境变量 ONEDNN_MAX_CPU_ISA 的话请去掉；"
    "否则可能内存不足，或要升级 openvino"
)


def count_streams() -> int:
    """Return how many articles to analyse at a time: one a core, and one to spare.

    While one article is cleaned or summarised, the network has others to encode.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    n_cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(n_cores + 1, _MAX_STREAMS)


def runtime_settings(threads: int, streams: int) -> dict[str, Any]:
    """Return OpenVINO's settings; the arguments are those of `Network.load`."""
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": threads * streams,
        "INFERENCE_PRECISION_HINT": "f32",  # the same on processors without bfloat16
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _QUANTIZATION_GROUP,
        "CPU_RUNTIME_CACHE_CAPACITY": _KERNEL_CACHE_SIZE,
        "ENABLE_CPU_PINNING": False,  # other processes' runs would share its cores
    }


def to_inputs(batch: Batch) -> dict[str, IntArray | FloatArray]:
    """Return a batch as the network's inputs, tokens and segments padded."""
    n_segments, n_tokens = batch.pool.shape
    more_tokens = (0, -n_tokens % _PAD_MULTIPLE)
    return {
        "ids": np.pad(batch.ids, more_tokens),
        "positions": np.pad(batch.positions, more_tokens),
        "slots": batch.slots,
        "places": np.pad(batch.places, more_tokens),
        "pool": np.pad(batch.pool, ((0, -n_segments % _PAD_MULTIPLE), more_tokens)),
    }


class CompiledNetwork:
    """A network that several threads may run at the same time, each with a request of its own.

    `outputs` are the names of what it can compute.
    """

    def __init__(
        self, compiled: ov.CompiledModel, streams: int, outputs: frozenset[str] = frozenset()
    ) -> None:
        self.outputs = outputs
        self._idle: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())

    @classmethod
    def load(cls, path: Path, *, threads: int = 0, streams: int = 1) -> Self:
        """Load an exported network.

        Args:
            path: an ONNX file.
            threads: cores for each run; 0 takes all.
            streams: how many runs at a time; further ones wait for their turn.

        Raises:
            ModelError: the file cannot be read.
        """
        try:
            compiled = ov.Core().compile_model(str(path), "CPU", runtime_settings(threads, streams))
        except RuntimeError as error:
            raise ModelError(
                f"网络 {path} 无法载入：{error}", code="model_damaged", file=path.name
            ) from error
        names = frozenset(name for port in compiled.outputs for name in port.get_names())
        return cls(compiled, streams, names)

    def compute(
        self, inputs: Mapping[str, IntArray | FloatArray], names: Sequence[str], n_rows: int
    ) -> list[FloatArray]:
        """Return the named outputs; the last one has `n_rows` rows where all went well.

        Raises:
            ModelError: the runtime computed nothing, as where an environment variable restricts
                its kernels to fewer instructions than the processor has; with one thread OpenVINO
                reports no error of its own.
        """
        request = self._idle.get()
        try:
            request.infer(inputs)
            found = [request.get_tensor(name).data for name in names]
            if len(found[-1]) == n_rows:
                return [part.copy() for part in found]
        except RuntimeError as error:
            raise ModelError(_NO_RESULT, code="no_result") from error
        finally:
            self._idle.put(request)
        raise ModelError(_NO_RESULT, code="no_result")


class Network(CompiledNetwork):
    """The encoder's network."""

    def run(self, batch: Batch) -> tuple[FloatArray, FloatArray]:
        """Return vectors (segments, hidden) and logits (segments, themes + 1).

        Raises:
            ModelError: see `compute`.
        """
        n_segments, inputs = len(batch.pool), to_inputs(batch)
        vectors, logits = self.compute(inputs, ("vectors", "logits"), len(inputs["pool"]))
        return vectors[:n_segments], logits[:n_segments]

    def run_with_states(self, batch: Batch) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return vectors and logits as `run` does, and lower states (tokens, hidden).

        Raises:
            ModelError: see `compute`.
        """
        n_segments, inputs = len(batch.pool), to_inputs(batch)
        names = (STATES, "vectors", "logits")
        states, vectors, logits = self.compute(inputs, names, len(inputs["pool"]))
        return vectors[:n_segments], logits[:n_segments], states[0, : len(batch.ids)]
