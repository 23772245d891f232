"""Says which Arabic messages are blackmail or grooming, by which tactics, and which words say so.

>>> from sextortion_detect import classify
>>> classify("صباح الخير يا أمي").label.value
'benign'
"""

from sextortion_detect.chats import ChatMonitor
from sextortion_detect.classify import classify
from sextortion_detect.model.storage import load_model
from sextortion_detect.readers.open import open_chats, read_chat, read_chats
from sextortion_detect.records import Chat, ChatStream, ChatVerdict, Evidence, Message, Verdict

__all__ = [
    "Chat",
    "ChatMonitor",
    "ChatStream",
    "ChatVerdict",
    "Evidence",
    "Message",
    "Verdict",
    "classify",
    "load_model",
    "open_chats",
    "read_chat",
    "read_chats",
]
