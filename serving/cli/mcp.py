"""The command `yiwen mcp`."""

from __future__ import annotations

from serving.cli.terminal import ModelFolder


def mcp(model: ModelFolder = None) -> None:
    """供智能体调用的 MCP 服务（标准输入输出）：分析文章、搜索资料库、列出模型；只读。"""
    from serving.analysis.analyses import Admission, Analyses
    from serving.home.database import open_store
    from serving.http.agent_tools import build_agent_server
    from serving.http.service import ServedModel
    from serving.registry.versions import Registry

    served = ServedModel(Registry.at_home(), model)
    analyses = Analyses(lambda: served.folder, Admission(is_shared=False, of_owner=16, waiting=16))
    try:
        build_agent_server(analyses, served, open_store()).run()
    finally:
        analyses.close()
