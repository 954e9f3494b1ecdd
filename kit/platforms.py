"""Platforms that a kit is made for: what their Python answers to markers, and which wheels fit."""

from __future__ import annotations

from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13")
# Tags of before glibc's version was part of the name.
_LEGACY = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
_OLDEST_GLIBC = (2, 5)


@dataclass(frozen=True)
class Platform:
    """A platform; `newest_glibc` is None on Windows."""

    name: str
    machine: str
    newest_glibc: tuple[int, int] | None = None

    @property
    def is_windows(self) -> bool:
        """Whether it is Windows."""
        return self.newest_glibc is None

    def list_tags(self) -> list[str]:
        """Return the tags of wheels that run there, those for the oldest systems first."""
        if self.newest_glibc is None:
            return [self.name]
        tags = []
        for minor in range(_OLDEST_GLIBC[1], self.newest_glibc[1] + 1):
            legacy = _LEGACY.get((2, minor))
            tags += [f"{legacy}_{self.machine}"] if legacy else []
            tags.append(f"manylinux_2_{minor}_{self.machine}")
        return tags

    def make_environment(self, python: str) -> dict[str, str]:
        """Return what markers of requirements are compared with."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{python}.0",
            "os_name": "nt" if self.is_windows else "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Windows" if self.is_windows else "Linux",
            "platform_version": "",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "win32" if self.is_windows else "linux",
        }


# glibc 2.28: Debian 10, RHEL 8, Kylin V10, UOS 20.
PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("win_amd64", "AMD64"),
        Platform("linux_x86_64", "x86_64", (2, 28)),
        Platform("linux_aarch64", "aarch64", (2, 28)),
    )
}
