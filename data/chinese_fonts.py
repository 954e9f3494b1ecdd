"""Fonts for Chinese labels in plots."""

from __future__ import annotations

_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei",
    "PingFang SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)  # fmt: skip


def find_chinese_fonts() -> list[str]:
    """Return the names of matplotlib's fonts that hold Chinese characters, the best first."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    def known() -> list[str]:
        installed = {font.name for font in fontManager.ttflist}
        return [name for name in _FONTS if name in installed]

    if not known():  # Matplotlib's list of fonts is older than what was installed since
        for path in findSystemFonts():
            fontManager.addfont(path)
    return known()
