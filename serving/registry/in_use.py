"""The model in use: what a running service asks, whichever model that is by now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from model import Analyzer, ModelError, YiwenError
from serving.codes import CURRENT_MODEL_UNUSABLE
from serving.registry.versions import Registry


@dataclass(frozen=True)
class _LoadedModel:
    analyzer: Analyzer
    name: str
    folder: Path


class ModelInUse:
    """Keeps a loaded model, and takes up another as soon as the registry names one.

    A request looks at the registry's stamp. The first one to see a change has the other model
    loaded in a thread; until that is done, and if it fails, all go on with the model they had. A
    caller that asks an analyzer more than one thing should hold on to the one it got.
    """

    def __init__(self, registry: Registry, fixed: Path | None = None) -> None:
        """Load the registry's current model, or one that stays whatever the registry says.

        Raises:
            ModelError: it is damaged or belongs to another release.
        """
        self.registry = registry
        self.follows = fixed is None
        self.problem = ""
        self._loading = Lock()
        self._seen = registry.stamp()
        self._loaded = _LoadedModel(Analyzer.load(fixed), "", fixed) if fixed else _load(registry)

    @property
    def analyzer(self) -> Analyzer:
        """The model in use, loaded."""
        self._look()
        return self._loaded.analyzer

    @property
    def name(self) -> str:
        """The name of the version that is loaded; empty for one that is in no registry."""
        return self._loaded.name

    @property
    def folder(self) -> Path:
        """The folder of the model in use."""
        self._look()
        return self._loaded.folder

    def take_up(self) -> None:
        """Load what the registry names now, and wait for it; one that fails is not taken."""
        if self.follows:
            with self._loading:
                self._load_until_current()

    def _look(self) -> None:
        if not self.follows or self.registry.stamp() == self._seen:
            return
        if self._loading.acquire(blocking=False):
            Thread(target=self._load_and_release, daemon=True).start()

    def _load_and_release(self) -> None:
        try:
            self._load_until_current()
        finally:
            self._loading.release()

    def _load_until_current(self) -> None:
        while (stamp := self.registry.stamp()) != self._seen:
            try:
                self._loaded = _load(self.registry)
                self.problem = ""
            except (YiwenError, OSError) as error:
                self.problem = f"新换上的模型无法载入，仍用 {self._loaded.name}：{error}"
            self._seen = stamp


def _load(registry: Registry) -> _LoadedModel:
    name = registry.names.current
    folder = registry.find(name)
    try:
        return _LoadedModel(Analyzer.load(folder), name, folder)
    except ModelError as error:
        raise ModelError(str(error), code=CURRENT_MODEL_UNUSABLE, version=name) from None
