"""What is fuzzed: for each target the seeds to begin with, and what must hold of any bytes whatever.

All seeds are written by program, from the sample chat and from invented entries in the form of each export.
"""

import functools
import gzip
import hashlib
import io
import json
import math
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from chat_writers import DELETED, MEDIA, SYSTEM, TEXT, WRITERS  # noqa: E402
from feature_names import feature_names  # noqa: E402

from sextortion_detect import ChatMonitor, Message, classify, load_model, read_chat, read_chats  # noqa: E402
from sextortion_detect.errors import InputError, ModelError  # noqa: E402
from sextortion_detect.model import storage  # noqa: E402
from sextortion_detect.model.conversation import conversation_head  # noqa: E402
from sextortion_detect.model.feature_keys import BLOCKS  # noqa: E402
from sextortion_detect.model.features import read_features  # noqa: E402
from sextortion_detect.model.linear import CONTEXT, LABELS, TACTICS, LinearHead, Model  # noqa: E402
from sextortion_detect.model.vectorizer import Vectorizer  # noqa: E402
from sextortion_detect.text.words import normalized, read_words  # noqa: E402

SAMPLE = ROOT / "datasets" / "samples" / "whatsapp_android_arabic.txt"
AT = datetime(2024, 3, 31, 21, 41, 7)
ENTRIES = [
    ("سارة", AT, "هلا 😂", TEXT),
    ("+966 50 000 0000", AT, "سطر\nثان: ٥٠٠$ https://t.co/x", TEXT),
    *(("س", AT, "x", kind) for kind in (MEDIA, DELETED, SYSTEM)),
]
TEXTS = [
    "صــورك يا ف.ض.ي.ح.ة", "حوّل ٥٠٠$ قبل ٩:٤١", "ab3atly sowarek 3al whatsapp", "https://t.co/x @user ﷺ ههههه", "بـ ـتجـ ـرب", "ص و ر ك",
    "صو😂رك", "حولالمبلغ", "اناfiبخاف",
]  # fmt: skip

Check = Callable[[bytes], None]


class Target(NamedTuple):
    """Seeds to begin with, and what must hold of any bytes."""

    seeds: Callable[[], list[bytes]]
    check: Check


# --- from texts to words, features and verdicts


def text_of(data: bytes) -> str:
    """Any string at all: UTF-8 where it is that, and otherwise code points of two bytes, lone surrogates among them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return "".join(chr(data[place] << 8 | data[place + 1]) for place in range(0, len(data) - 1, 2))


def normalizer(data: bytes) -> None:
    """A text is read the same alone and among others, and all that comes of it stands inside it."""
    text = text_of(data)
    texts = [TEXTS[0], text, normalized([text])[0]]  # the last has the same words, each by itself
    check_normal(text)
    assert normalized(texts) == [normalized([one])[0] for one in texts]
    check_words(texts)
    check_features(texts)
    limits = {"offense": 0.0}  # whatever is known is flagged, and has evidence
    several = classify(texts, thresholds=limits)
    assert several == [classify(one, thresholds=limits) for one in texts]
    for one, verdict in zip(texts, several, strict=True):
        assert math.isclose(sum(verdict.scores.values()), 1.0, abs_tol=1e-9), verdict.scores
        assert all(one[span.start : span.end] == span.text != "" for span in verdict.evidence)


def check_normal(text: str) -> None:
    once = normalized([text])
    assert normalized(once) == once
    words = read_words([text])
    assert ((words.code_starts >= 0) & (words.code_starts <= words.code_ends) & (words.code_ends <= len(text))).all()
    assert words.starts.tolist() == sorted(words.starts)
    assert words.ends.tolist() == sorted(words.ends)


def check_words(texts: list[str]) -> None:
    words, alone = read_words(texts), [read_words([text]) for text in texts]
    assert words.by_text() == [one.strings() for one in alone]
    for name in ("starts", "ends", "scripts"):
        assert np.array_equal(getattr(words, name), np.concatenate([getattr(one, name) for one in alone])), name
    assert (words.starts >= 0).all()
    assert (words.starts < words.ends).all()
    assert (words.ends <= np.array([len(text) for text in texts])[words.texts]).all()


def check_features(texts: list[str]) -> None:
    features = read_features(texts)
    assert (features.words.texts[features.first] == features.words.texts[features.second]).all()
    for place, text in enumerate(texts):
        assert [*feature_names(features, place)] == [*feature_names(read_features([text]), 0)]


def normalizer_seeds() -> list[bytes]:
    messages = [message.text for message in read_chat(SAMPLE).messages]
    return [text.encode() for text in (*messages, *TEXTS)] + ["".join(TEXTS).encode("utf-16-be"), b"\xd8\x00\x06\x41"]


# --- the readers


@functools.cache
def place() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-")) / "x"


def reader(data: bytes) -> None:
    """A file is read as chats, or one sentence says what it is; nothing else comes out."""
    place().write_bytes(data)
    try:
        for chat in read_chats(place()):
            assert sum(chat.report.entries.values()) == len(chat.messages)
            for message in chat.messages:
                assert isinstance(message.text, str)
                assert message.sender is None or isinstance(message.sender, str)
    except InputError as error:
        sentence = str(error)
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence, sentence


def reader_of(*parts: str) -> Target:
    """The forms of export whose names begin so."""
    return Target(lambda: [write(ENTRIES)[0] for form, write in WRITERS.items() if form.startswith(parts)], reader)


def packed(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inbox/x/1", data)
    return file.getvalue()


def archive_seeds() -> list[bytes]:
    forms = [write(ENTRIES)[0] for write in WRITERS.values()]
    return [packed(data) for data in forms[::3]] + [WRITERS["Excel"](ENTRIES)[0], WRITERS["Parquet"](ENTRIES)[0]]


# --- the model loader

PARTS = b"\n--part--\n"
"""Between the mode, the manifest, the vocabulary and the arrays of a model as the fuzzer has it."""

ARRAYS = (
    "keys", "idf", "messages_weights", "messages_bias", "distress_weights", "distress_bias", "context_weights", "context_bias",
    "labels_weights", "labels_bias",
)  # fmt: skip


def small_model() -> Model:
    """A model of the features of a few texts, with weights that are different and small."""
    features = read_features(TEXTS)
    found = {pair for place in range(len(TEXTS)) for pair in feature_names(features, place)}
    names = {block: sorted(name for of, name in found if of == block)[:20] for block in BLOCKS}
    width = sum(map(len, names.values()))

    def head(columns: int) -> LinearHead:
        weights = np.linspace(-1, 1, width * columns, dtype=np.float32).reshape(width, columns)
        return LinearHead(weights, np.linspace(-1, 1, columns))

    thresholds = dict.fromkeys(
        ["offense", "victim_report", "distress", "distress_phrase", *(tactic.value for tactic in TACTICS)], 0.5
    )
    vectorizer = Vectorizer.of_names(names, np.linspace(1, 5, width))
    manifest = {"name": "fuzz"}
    messages, context = head(len(LABELS) + 1 + len(TACTICS)), head(len(CONTEXT))
    columns, of_labels = len(messages.bias), len(LABELS) + 1
    rule = np.linspace(-1, 1, (2 * columns + 1) * of_labels).reshape(2 * columns + 1, of_labels)
    labels = LinearHead(rule, np.linspace(-1, 1, of_labels))
    model = Model(vectorizer, messages, labels, thresholds, manifest, head(1), context)
    manifest["conversation"] = conversation_head(model).to_dict()
    return model


def loader_seeds() -> list[bytes]:
    storage.reading_fingerprint = functools.cache(storage.reading_fingerprint)  # the same for each input, and slow
    folder = place().parent / "seed"
    storage.save_model(small_model(), folder)
    manifest = json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))
    for name in ("files", "sha256"):
        del manifest[name]
    with zipfile.ZipFile(folder / storage.WEIGHTS) as weights:
        arrays = [weights.read(f"{name}.npy") for name in ARRAYS]
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()
    stored = (folder / storage.WEIGHTS).read_bytes()
    names = (folder / storage.VOCABULARY).read_bytes()
    return [
        PARTS.join([b"0", text, gzip.decompress(names), *arrays]),
        PARTS.join([b"1", text, names, stored]),
        PARTS.join([b"2", (folder / storage.MANIFEST).read_bytes(), names, stored]),
    ]


def loader(data: bytes) -> None:
    """Whoever signed it: a model folder is loaded and scores, or is refused in one sentence.

    In mode 0 the parts are arrays and a plain vocabulary, in mode 1 whole files; both are signed. In mode 2 nothing is.
    """
    mode, manifest, vocabulary, *rest = [*data.split(PARTS), b"", b"", b""]
    if mode == b"0":
        vocabulary = gzip.compress(vocabulary, mtime=0)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in zip(ARRAYS, rest, strict=False):
                archive.writestr(f"{name}.npy", array)
        rest = [file.getvalue()]
    folder = place().parent / "model"
    folder.mkdir(exist_ok=True)
    files = {storage.VOCABULARY: vocabulary, storage.WEIGHTS: rest[0]}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / storage.MANIFEST).write_bytes(manifest if mode == b"2" else signed(manifest, files))
    try:
        model = load_model(folder)
    except ModelError as error:
        sentence = str(error)
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence, sentence
        return
    for text in (*TEXTS[:2], ""):
        scores = classify(text, model=model).scores
        assert math.isclose(sum(scores.values()), 1.0, abs_tol=1e-6), scores
    monitor = ChatMonitor(model=model)
    for text in TEXTS:
        assert 0.0 <= monitor.update(Message(text, "x")).risk <= 1.0


def signed(raw: bytes, files: dict[str, bytes]) -> bytes:
    try:
        manifest = json.loads(raw)
        manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        manifest["reading"] = storage.reading_fingerprint()
        manifest["sha256"] = storage._manifest_digest(manifest)
        return json.dumps(manifest, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        return raw


TARGETS: dict[str, Target] = {
    "normalizer": Target(normalizer_seeds, normalizer),
    "whatsapp": reader_of("WhatsApp"),
    "signal": reader_of("sigtop", "signal"),
    "telegram and discord": reader_of("Telegram", "Discord"),
    "meta, snapchat, google chat": reader_of("Instagram", "Messenger", "Snapchat", "Google"),
    "tables": reader_of("CSV", "TSV", "semicolons", "JSON"),
    "archives": Target(archive_seeds, reader),
    "model loader": Target(loader_seeds, loader),
}
