"""Tags an archive on a cluster of two nodes on this machine; prints which nodes read and analysed.

A process of its own, since Ray leaves threads and loops behind: `ray_cluster.py IN OUT LOG`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from model import Article, Report, YiwenError
from serving.archive.feed.ray import open_ray_feed
from serving.cli.advice import explain
from tests.serving.archive.quick import QuickAnalyzer, quick_run


class NodeAnalyzer(QuickAnalyzer):
    """Leaves a line with its node for each article."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._nodes = log

    def analyze(self, article: Article) -> Report:
        with self._nodes.open("a", encoding="utf-8") as log:
            log.write(f"{ray.get_runtime_context().get_node_id()} {article.id}\n")
        return super().analyze(article)


@dataclass(frozen=True)
class NodeLoader:
    log: Path

    def __call__(self) -> NodeAnalyzer:
        return NodeAnalyzer(self.log)


def tag_on_two_nodes(inputs: Path, out: Path, log: Path) -> None:
    store = 80 << 20
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": store}
    )
    try:
        cluster.add_node(num_cpus=1, object_store_memory=store)
        ray.init(address=cluster.address, log_to_driver=False)
        for _ in range(2):
            outcome = quick_run(
                inputs, out, load=NodeLoader(log), open_feed=open_ray_feed, limit_s=60
            )
            print("told", outcome.n_new)
        print("told", sum(node["Alive"] for node in ray.nodes()))
        for deadly in sorted(inputs.parent.glob("deadly*.jsonl")):
            try:
                quick_run(
                    deadly, out.with_name(f"out-{deadly.name}"), load=NodeLoader(log),
                    open_feed=open_ray_feed, limit_s=3,
                )  # fmt: skip
            except YiwenError as error:
                print(explain(error), file=sys.stderr)
    finally:
        ray.shutdown()
        cluster.shutdown()


if __name__ == "__main__":
    tag_on_two_nodes(*map(Path, sys.argv[1:]))
