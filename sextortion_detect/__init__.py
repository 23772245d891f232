"""Says which Arabic messages are blackmail or grooming, by which tactics, and which words say so.

>>> from sextortion_detect import classify
>>> classify("صباح الخير يا أمي").label.value
'benign'
"""

from sextortion_detect.chats import ChatMonitor
from sextortion_detect.classify import classify, classify_iter
from sextortion_detect.model.storage import load_model
from sextortion_detect.readers.open import read_chat, read_chats
from sextortion_detect.records import Chat, ChatVerdict, Evidence, Message, Verdict

__all__ = [
    "Chat",
    "ChatMonitor",
    "ChatVerdict",
    "Evidence",
    "Message",
    "Verdict",
    "classify",
    "classify_iter",
    "load_model",
    "read_chat",
    "read_chats",
]
