"""The model that comes with the package, loaded once and when first asked for."""

from functools import cache
from pathlib import Path
from typing import Final

from sextortion_detect.model.linear import Model
from sextortion_detect.model.storage import load_model

NAME: Final = "ar-16"

_PACKAGE: Final = Path(__file__).parent.parent


def shipped_folder() -> Path:
    """Where the shipped model lies: inside an installed package, beside the package in a checkout."""
    installed = _PACKAGE / "models" / NAME
    return installed if installed.is_dir() else _PACKAGE.parent / "models" / NAME


@cache
def shipped_model() -> Model:
    """The shipped model, loaded when first asked for; threads that ask at once may load it more than once.

    Raises `ModelMissing` or `ModelMismatch` as `load_model` does.
    """
    return load_model(shipped_folder())


def checked_model(model: Model | None) -> Model:
    """The given model, or the shipped one; `TypeError` for anything else, such as the path of a model."""
    if model is None:
        return shipped_model()
    if not isinstance(model, Model):
        raise TypeError(f"model must be a Model, not {type(model).__name__}; load one with load_model(path).")
    return model
