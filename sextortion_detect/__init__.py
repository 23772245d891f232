"""Says which Arabic messages are blackmail or grooming, by which tactics, and which words say so.

>>> from sextortion_detect import classify
>>> classify("صباح الخير يا أمي").label.value
'benign'
"""

from typing import TYPE_CHECKING, Any

from sextortion_detect.budget_thresholds import thresholds_for
from sextortion_detect.chats import ChatMonitor
from sextortion_detect.classify import classify, classify_iter
from sextortion_detect.evidence import Evidence
from sextortion_detect.model.storage import load_model
from sextortion_detect.records import Chat, ChatStream, ChatVerdict, Message, Verdict
from sextortion_detect.taxonomy import Action, Label, Tactic

if TYPE_CHECKING:
    __version__: str
    from sextortion_detect.estimators import ArabicNormalizer, SextortionClassifier
    from sextortion_detect.readers.open import open_chats, read_chat, read_chats

__all__ = [
    "Action",
    "ArabicNormalizer",
    "Chat",
    "ChatMonitor",
    "ChatStream",
    "ChatVerdict",
    "Evidence",
    "Label",
    "Message",
    "SextortionClassifier",
    "Tactic",
    "Verdict",
    "__version__",
    "classify",
    "classify_iter",
    "load_model",
    "open_chats",
    "read_chat",
    "read_chats",
    "thresholds_for",
]


def __getattr__(name: str) -> Any:
    if name in ("ArabicNormalizer", "SextortionClassifier"):  # loaded when asked for: they bring scikit-learn
        from sextortion_detect import estimators

        return getattr(estimators, name)
    if name in ("open_chats", "read_chat", "read_chats"):  # and these the patterns of a dozen exports
        from sextortion_detect.readers import open as readers

        return getattr(readers, name)
    if name == "__version__":  # and this a search through what is installed
        from importlib.metadata import version

        return version("sextortion-detect")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
