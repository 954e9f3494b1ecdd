"""The exported network: from a batch to segments' vectors and logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import ModelError
from model.runtimes import Runtime, count_cores, load_runtime
from model.windows import Batch

# Pad to multiples of 16 so that kernels are reused across articles.
_PAD_MULTIPLE = 16
# With more streams, Python's own work becomes the bottleneck; each stream takes some 60 MB.
_MAX_STREAMS = 8
# Output of the lower layers, where a network has it: what the reading head starts from.
STATES = "states"
_NO_RESULT = (
    "网络没有算出结果：设有环境变量 ONEDNN_MAX_CPU_ISA 的话请去掉；"
    "否则可能内存不足，或要升级运行库（openvino 或 onnxruntime）"
)


def count_streams() -> int:
    """Return how many articles to analyse at a time: one a core, and one to spare.

    While one article is cleaned or summarised, the network has others to encode.
    """
    return min(count_cores() + 1, _MAX_STREAMS)


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
    """A network that several threads may run at the same time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @classmethod
    def load(cls, path: Path, *, threads: int = 0, streams: int = 1) -> Self:
        """Load an exported network; the arguments and errors are those of `load_runtime`."""
        return cls(load_runtime(path, threads=threads, streams=streams))

    @property
    def outputs(self) -> frozenset[str]:
        """Names of what it can compute."""
        return self._runtime.outputs

    def compute(
        self, inputs: Mapping[str, IntArray | FloatArray], names: Sequence[str], n_rows: int
    ) -> list[FloatArray]:
        """Return the named outputs; the last one has `n_rows` rows where all went well.

        Raises:
            ModelError: the runtime computed nothing, as where an environment variable restricts
                its kernels to fewer instructions than the processor has; with one thread OpenVINO
                reports no error of its own.
        """
        try:
            found = self._runtime.compute(inputs, names)
        except RuntimeError as error:
            raise ModelError(_NO_RESULT, code="no_result") from error
        if len(found[-1]) != n_rows:
            raise ModelError(_NO_RESULT, code="no_result")
        return found


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
