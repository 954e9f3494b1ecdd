"""The error tree; every message is Chinese, as it reaches users."""


class YiwenError(Exception):
    """Root of all errors that Yiwen raises on purpose."""


class InputError(YiwenError):
    """A text, file or label that cannot be used."""


class ModelError(YiwenError):
    """A model folder or weight file that cannot be used."""
