"""A model folder from a stranger: each fault is one error with one sentence, and nothing in it is ever run."""

import dataclasses
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fuzz_targets import small_model

from sextortion_detect import classify, load_model
from sextortion_detect.errors import ModelError, ModelMismatch, ModelMissing
from sextortion_detect.model import features, reading_fingerprint, storage
from sextortion_detect.model.linear import LABELS, TACTICS
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.text import chars, disguises, dots, latin, mending, words

pytestmark = pytest.mark.harden

TOGETHER = "The files of {folder} do not belong together; install the model again."

MODEL = small_model()  # as the shipped one, and quick to pack anew
WIDTH = len(MODEL.vectorizer)
WIDE = (WIDTH, len(LABELS) + 1 + len(TACTICS))
KEYS = MODEL.vectorizer.keys
with tempfile.TemporaryDirectory() as place:
    storage.save_model(MODEL, place)
    FILES = {path.name: path.read_bytes() for path in Path(place).iterdir()}


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "model"
    found.mkdir()
    for name, data in FILES.items():
        (found / name).write_bytes(data)
    return found


def sign(folder, files=None, **changes):
    """Sign a manifest anew, as somebody who knows how would."""
    path = folder / storage.MANIFEST
    manifest = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    for name, data in (files or {}).items():
        (folder / name).write_bytes(data)
        manifest["files"][name] = hashlib.sha256(data).hexdigest()
    manifest["sha256"] = storage._manifest_digest(manifest)
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def arrays(changes=None, members=(), compression=zipfile.ZIP_DEFLATED):
    """The weights of the model with some arrays, or raw members, replaced."""
    buffer = io.BytesIO()
    replaced = dict(members)
    with zipfile.ZipFile(io.BytesIO(FILES[storage.WEIGHTS])) as old, zipfile.ZipFile(buffer, "w", compression) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.removesuffix(".npy") in (changes or {}):
                data = saved(changes[name.removesuffix(".npy")])
            new.writestr(name, replaced.get(name, data))
    return buffer.getvalue()


def _early(packed):
    """A zip whose end states that its parts lie a hundred bytes before where they lie (16 bytes behind its mark)."""
    states = packed.rindex(b"PK\x05\x06") + 16
    stated = int.from_bytes(packed[states : states + 4], "little") + 100
    return packed[:states] + stated.to_bytes(4, "little") + packed[states + 4 :]


def saved(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def header(shape, kind="<f2"):
    stated = io.BytesIO()
    np.lib.format.write_array_header_1_0(stated, {"descr": kind, "fortran_order": False, "shape": shape})
    return stated.getvalue()


def stored(changes):
    return arrays(changes, compression=zipfile.ZIP_STORED)


def limits(value):
    return dict.fromkeys(["offense", "victim_report", "distress", "distress_phrase", *map(str, TACTICS)], value)


class Evil:
    """Would leave a trace if it were ever unpickled."""

    def __reduce__(self):
        return os.putenv, ("SEXTORTION_DETECT_EVIL", "1")


HOSTILE = [
    ("an array that states a petabyte", lambda f: sign(f, {storage.WEIGHTS: arrays(members=[("idf.npy", header((2**50,)))])})),
    ("an array that states the right shape and has nothing", lambda f: sign(f, {storage.WEIGHTS: arrays(members=[("messages_weights.npy", header((2, *WIDE), "|u1"))])})),
    ("an array of objects", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.array([Evil()] * WIDTH, dtype=object)})})),
    ("an array of texts", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.array(["a"] * WIDTH)})})),
    ("an array of no finite numbers", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.full(WIDTH, np.nan)})})),
    ("an idf of nothing", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.zeros(WIDTH)})})),
    ("an idf below zero", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.full(WIDTH, -1.0)})})),
    ("an idf too small to be squared", lambda f: sign(f, {storage.WEIGHTS: arrays({"idf": np.full(WIDTH, 1e-300)})})),
    ("weights without end", lambda f: sign(f, {storage.WEIGHTS: arrays({"messages_weights": storage._halves_apart(np.full(WIDE, np.inf))})})),
    ("weights that are whole numbers", lambda f: sign(f, {storage.WEIGHTS: arrays({"messages_weights": np.full((2, *WIDE), 1)})})),
    ("weights in one piece", lambda f: sign(f, {storage.WEIGHTS: arrays({"messages_weights": np.zeros(WIDE, np.float16)})})),
    ("a bias without measure", lambda f: sign(f, {storage.WEIGHTS: arrays({"messages_bias": np.full(WIDE[1], -1e300)})})),
    ("keys that are no whole numbers", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": KEYS.astype(float)})})),
    ("keys with a sign", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": KEYS.astype(np.int64)})})),
    ("keys that are objects", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": np.array([Evil()] * WIDTH, dtype=object)})})),
    ("keys in a table", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": KEYS[:, None]})})),
    ("a key too few", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": KEYS[1:]})})),
    ("one key for all", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": np.zeros_like(KEYS)})})),
    ("two columns of one key", lambda f: sign(f, {storage.WEIGHTS: arrays({"keys": np.append(KEYS[:-1], KEYS[0])})})),
    ("a member that is a bare pickle", lambda f: sign(f, {storage.WEIGHTS: arrays(members=[("idf.npy", pickle.dumps(Evil()))])})),
    ("a header that is code", lambda f: sign(f, {storage.WEIGHTS: arrays(members=[("idf.npy", b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').abort()        \n")])})),
    ("weights that are a bare pickle", lambda f: sign(f, {storage.WEIGHTS: pickle.dumps(Evil())})),
    ("weights that are one array", lambda f: sign(f, {storage.WEIGHTS: saved(KEYS)})),
    ("weights that are no zip", lambda f: sign(f, {storage.WEIGHTS: b"x" * 99})),
    ("weights packed by another method", lambda f: sign(f, {storage.WEIGHTS: arrays(compression=zipfile.ZIP_LZMA)[:-200]})),
    ("weights packed by bzip2, and damaged", lambda f: sign(f, {storage.WEIGHTS: arrays(compression=zipfile.ZIP_BZIP2).replace(b"1AY&SY", b"......")})),
    ("weights packed by lzma in a way that there is not", lambda f: sign(f, {storage.WEIGHTS: arrays(compression=zipfile.ZIP_LZMA).replace(b"\x05\x00\x5d\x00", b"\x05\x00\xff\x00")})),
    ("weights of which a part would lie before the file", lambda f: sign(f, {storage.WEIGHTS: _early(arrays())})),
    ("weights without an array", lambda f: sign(f, {storage.WEIGHTS: arrays()[:22] + b""})),
    ("blocks of negative length", lambda f: sign(f, blocks={"word": -1, "character": 1, "concept": WIDTH})),
    ("blocks of endless length", lambda f: sign(f, blocks={"word": 10**30, "character": 1, "concept": 1})),
    ("blocks that are texts", lambda f: sign(f, blocks={"word": "1", "character": "1", "concept": "1"})),
    ("a threshold that is a list", lambda f: sign(f, thresholds=[1])),
    ("a rule without end", lambda f: sign(f, {storage.WEIGHTS: arrays({"labels_bias": np.full(5, np.inf)})})),
    ("a rule of no numbers", lambda f: sign(f, {storage.WEIGHTS: arrays({"labels_weights": np.full((33, 5), np.nan)})})),
    ("a rule of one row", lambda f: sign(f, {storage.WEIGHTS: arrays({"labels_weights": np.zeros((1, 5))})})),
    ("a rule in small numbers", lambda f: sign(f, {storage.WEIGHTS: arrays({"labels_weights": np.zeros((33, 5), np.float32)})})),
    ("tactics in another order", lambda f: sign(f, tactics=[str(tactic) for tactic in reversed(TACTICS)])),
    ("columns of context of another kind", lambda f: sign(f, context=["a"])),
    ("an idf a little below 1", lambda f: sign(f, {storage.WEIGHTS: stored({"idf": np.full(WIDTH, 0.99)})})),
    ("thresholds a little above 1", lambda f: sign(f, thresholds=limits(1.01))),
    ("thresholds a little below 0", lambda f: sign(f, thresholds=limits(-0.01))),
    ("a threshold too many", lambda f: sign(f, thresholds=limits(0.5) | {"other": 0.5})),
    ("a threshold too few", lambda f: sign(f, thresholds=dict.fromkeys(map(str, TACTICS), 0.5))),
    ("thresholds outside 0 to 1", lambda f: sign(f, thresholds=limits(7))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "alter"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_files_that_were_signed_anew(folder, name, alter, record):
    alter(folder)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == TOGETHER.format(folder=folder)
    assert "SEXTORTION_DETECT_EVIL" not in os.environ
    record("model files", "hostile files with valid digests", 1, "one sentence, nothing run")


BOUNDS = [
    ("the highest thresholds", lambda f: sign(f, thresholds=limits(1.0))),
    ("the lowest thresholds", lambda f: sign(f, thresholds=limits(0.0))),
    ("words that stand in every text", lambda f: sign(f, {storage.WEIGHTS: stored({"idf": np.ones(WIDTH)})})),
    ("the largest numbers of 16 bits",
     lambda f: sign(f, {storage.WEIGHTS: stored({"messages_bias": np.full(WIDE[1], -65504.0)})})),
    ("a context that is told to be none", lambda f: sign(f, context=None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "alter"), BOUNDS, ids=[name for name, _ in BOUNDS])
def test_a_model_at_its_bounds_is_taken(folder, name, alter):
    alter(folder)
    assert sum(load_model(folder).score(["معي صورك"]).labels[0]) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", ">f8"])
def test_numbers_are_read_as_the_file_says(folder, kind):
    idf = load_model(folder).vectorizer.idf
    sign(folder, {storage.WEIGHTS: stored({"idf": idf.astype(kind)})})
    assert np.array_equal(load_model(folder).vectorizer.idf, idf)


@pytest.mark.parametrize("order", ["C", "F"])
def test_weights_are_read_as_the_file_says(folder, order):
    weights = load_model(folder).messages.weights
    sign(folder, {storage.WEIGHTS: stored({"messages_weights": np.array(storage._halves_apart(weights), order=order)})})
    assert np.array_equal(load_model(folder).messages.weights, weights)


def bomb():
    """Weights whose first array states a gigabyte, has it, and is small as it lies there."""
    buffer = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w", packing, compresslevel=1) as archive, archive.open("idf.npy", "w") as member:
        member.write(header((2**28,), "<f4"))
        for _ in range(2**10):
            member.write(bytes(2**20))
    return buffer.getvalue()


SPENT = """
import re, sys
from sextortion_detect import classify, load_model
try:
    print(classify("معي صورك", model=load_model(sys.argv[1])).label)
except Exception as error:
    print(type(error).__name__)
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def spent(folder):
    """What comes of loading and using a model in a process of its own, and the kilobytes that it takes."""
    done = subprocess.run([sys.executable, "-c", SPENT, folder], capture_output=True, text=True, check=True)
    said, kilobytes = done.stdout.split()
    return said, int(kilobytes)


def test_memory_stays_small_for_a_bomb(folder, record):
    sign(folder, {storage.WEIGHTS: bomb()})
    said, kilobytes = spent(folder)
    assert said == "ModelMismatch"
    assert kilobytes < 600_000
    record("model files", "a gigabyte that lies there as a megabyte", 1, "refused in little memory")


NAMES = {
    "those of a gigabyte": lambda whole: gzip.compress(bytes(2**30), 1),
    "cut short": lambda whole: whole[:-9],
    "no gzip": lambda whole: b"x" * 99,
    "no UTF-8": lambda whole: gzip.compress(b"\xff\n" * 99),
    "none": lambda whole: b"",
}


@pytest.mark.parametrize("names", NAMES)
def test_names_are_for_readers_alone(folder, names):
    """They are neither unpacked nor looked at on the way to a verdict."""
    sign(folder, {storage.VOCABULARY: NAMES[names]((folder / storage.VOCABULARY).read_bytes())})
    said, kilobytes = spent(folder)
    assert said == classify("معي صورك", model=MODEL).label
    assert kilobytes < 600_000


def test_files_of_two_models(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    sign(other, {storage.WEIGHTS: arrays({"idf": np.ones(WIDTH, dtype=np.float32)})})
    for name in (storage.MANIFEST, storage.WEIGHTS):
        mixed = shutil.copytree(folder, tmp_path / name)
        shutil.copy(other / name, mixed / name)
        with pytest.raises(ModelMismatch) as caught:
            load_model(mixed)
        assert str(caught.value) == f"{mixed}/weights.npz is damaged or was altered; install the model again."


def test_every_byte_counts(folder, record):
    """A flipped or missing byte anywhere is seen, before anything is made of it."""
    rng = np.random.default_rng(20261124)
    tried = 0
    for name in (storage.MANIFEST, storage.WEIGHTS, storage.VOCABULARY):
        whole = (folder / name).read_bytes()
        for place in rng.integers(0, len(whole), 60).tolist():
            flipped = bytearray(whole)
            flipped[place] ^= 1 << int(rng.integers(8))
            for data in (bytes(flipped), whole[:place]):
                (folder / name).write_bytes(data)
                with pytest.raises(ModelError):
                    load_model(folder)
                tried += 1
        (folder / name).write_bytes(whole)
    load_model(folder)
    record("model files", "flipped bits and truncations of the three files", tried, "each refused")


@pytest.mark.parametrize("name", [storage.MANIFEST, storage.WEIGHTS, storage.VOCABULARY])
def test_links_pipes_and_folders(folder, tmp_path, name):
    whole = tmp_path / "elsewhere"
    (folder / name).rename(whole)
    (folder / name).symlink_to(whole)
    load_model(folder)  # a link to the right bytes: downloads are often kept so
    for kind, make in (
        ("pipe", os.mkfifo),
        ("folder", os.mkdir),
        ("device", lambda path: path.symlink_to("/dev/zero")),
    ):
        (folder / name).unlink()
        make(folder / name)
        with pytest.raises(ModelMismatch) as caught:
            load_model(folder)
        assert str(caught.value) == f"{folder / name} is no ordinary file; install the model again.", kind
        if kind == "folder":
            (folder / name).rmdir()
            (folder / name).touch()
    (folder / name).unlink()
    (folder / name).symlink_to(folder / name)
    with pytest.raises(ModelMissing) as caught:
        load_model(folder)
    assert str(caught.value) == (
        f"The model file {folder / name} cannot be read (Too many levels of symbolic links); check its permissions."
    )


NOBODY = 65534


def test_an_unreadable_file(folder, monkeypatch):
    monkeypatch.chdir(folder)  # the folders above are for their owner alone
    folder.chmod(0o755)
    (folder / storage.WEIGHTS).chmod(0)
    user = os.geteuid()
    if user == 0:  # who reads everything
        os.seteuid(NOBODY)
    try:
        with pytest.raises(ModelMissing) as caught:
            storage._open(Path(storage.WEIGHTS))
    finally:
        os.seteuid(user)
    assert str(caught.value) == "The model file weights.npz cannot be read (Permission denied); check its permissions."


def test_no_pickle_on_the_way_to_a_verdict():
    """In a process of its own, where every door of pickle raises before the package is imported."""
    code = (
        "import pickle, _pickle, numpy, scipy.sparse\n"
        "def refuse(*_, **__): raise AssertionError('pickle was used')\n"
        "for module in (pickle, _pickle):\n"
        "    module.load = module.loads = module.Unpickler = refuse\n"
        "pickle._Unpickler = refuse\n"
        "from sextortion_detect import classify\n"
        "assert classify('معي صورك').label and classify(['معي صورك', ''])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


FORBIDDEN = """
import os, pickle, sys
from sextortion_detect import Chat, ChatMonitor, Message, classify, load_model
def work():
    model = load_model(sys.argv[1])
    classify("معي صورك حول ٥٠٠ دولار", model=model, thresholds={"offense": 0.0}).evidence
    classify(Chat([Message("معي صورك", "x"), Message("هلا", "y")]), model=model)
    ChatMonitor(model=model).update(Message("معي صورك", "x"))
work()  # what is imported late is imported now
met = set()
def audit(event, given):
    if event == "compile" and given[1] == "<unknown>":
        return  # ast.literal_eval, by which numpy reads the head of an array: it makes no code
    if event in ("pickle.find_class", "exec", "compile", "import", "ctypes.dlopen", "os.exec", "os.fork", "os.posix_spawn",
                 "os.system", "subprocess.Popen", "marshal.loads") or event.startswith("socket."):
        met.add(event)
    if event == "open" and (given[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        met.add("open to write")
sys.addaudithook(audit)
work()
print(sorted(met))
pickle.loads(pickle.dumps(os.getcwd)); eval("1"); open(os.devnull, "w").close()
print(sorted(met))
"""


def test_a_model_runs_and_imports_and_writes_nothing(record):
    """What the interpreter itself tells of: no code is made or run, nothing unpickled, written, sent or started."""
    done = subprocess.run([sys.executable, "-c", FORBIDDEN, shipped_folder()], capture_output=True, text=True)
    assert done.stderr == ""
    before, after = done.stdout.splitlines()
    assert before == "[]"
    assert after == "['compile', 'exec', 'open to write', 'pickle.find_class']"  # they would have been noticed
    record("model files", "a model loaded and used while the interpreter tells of code, pickles, sockets", 1, "none")


@pytest.mark.parametrize("name", [storage.MANIFEST, storage.WEIGHTS, storage.VOCABULARY])
def test_an_endless_file(folder, name):
    """Of nothing but holes, so that it costs no disk: it is not read to its end."""
    os.truncate(folder / name, 2**40)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == f"{folder / name} is far larger than a model file is; install the model again."


SIZES = [(64 * 2**20, "is damaged or was altered"), (64 * 2**20 + 1, "is far larger than a model file is")]


@pytest.mark.parametrize(("size", "sentence"), SIZES)
def test_a_file_is_read_up_to_64_mebibytes(folder, size, sentence):
    os.truncate(folder / storage.WEIGHTS, size)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == f"{folder}/weights.npz {sentence}; install the model again."


@pytest.mark.parametrize("found", [7, 8, 10, 12, 0, -1, 10**30])
def test_formats_that_this_package_does_not_read(folder, found):
    sign(folder, format=found)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == f"{folder} has model format {found}, this package reads 11; train it again."


def test_a_link_to_a_folder(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert classify("معي صورك", model=load_model(tmp_path / "link")) == classify("معي صورك", model=load_model(folder))


@pytest.mark.parametrize("older", [True, False], ids=["over an older model", "anew"])
def test_saving_is_interrupted_anywhere(tmp_path, monkeypatch, older, record):
    """A save that dies at its n-th step, for every n, leaves the older model, the new one, or none where none was."""
    model = MODEL
    new = dataclasses.replace(model, manifest={**model.manifest, "name": "new"})
    expected = {model.manifest["name"], "new"}
    seen, steps, died = set(), 0, True
    while died:
        folder = tmp_path / str(steps)
        if older:
            storage.save_model(model, folder)
        died = _die_at(monkeypatch, steps, lambda: storage.save_model(new, folder))  # noqa: B023
        if older or (folder / storage.MANIFEST).exists():
            seen.add(load_model(folder).manifest["name"])
        else:
            with pytest.raises(ModelMissing):
                load_model(folder)
        steps += 1
    assert load_model(folder).thresholds == new.thresholds
    assert seen == (expected if older else {"new"})
    assert steps > 6
    record("model files", "saving interrupted at every step", steps, "the older model, the new one, or none")


def _die_at(monkeypatch, step, work):
    """Whether the work died at its step-th write, flush or rename."""
    count = 0

    class Dead(BaseException):
        pass

    def counted(function):
        def call(*arguments, **named):
            nonlocal count
            if count == step:
                raise Dead
            count += 1
            return function(*arguments, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", counted(os.fsync))
        patched.setattr(storage.Path, "open", counted(storage.Path.open))
        patched.setattr(storage.Path, "replace", counted(storage.Path.replace))
        try:
            work()
        except Dead:
            return True
    return False


TABLES = [(chars, "FOLDED_CODES"), (chars, "FOLDED_KINDS"), (chars, "TO_LATIN"), (chars, "TO_ARABIC")]


@pytest.mark.parametrize(("module", "name"), TABLES, ids=[name for _, name in TABLES])
def test_every_table_of_characters_is_in_the_fingerprint(monkeypatch, module, name):
    before = reading_fingerprint.reading_fingerprint()
    changed = getattr(module, name).copy()
    changed[-2] += 1
    monkeypatch.setattr(module, name, changed)
    assert reading_fingerprint.reading_fingerprint() != before


@pytest.mark.parametrize("name", reading_fingerprint.FILES)
def test_every_list_of_words_is_in_the_fingerprint(monkeypatch, tmp_path, name):
    for file in reading_fingerprint.FILES:
        text = (reading_fingerprint._TEXT / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(text + "\n" if file == name else text, encoding="utf-8")
    before = reading_fingerprint.reading_fingerprint()
    monkeypatch.setattr(reading_fingerprint, "_TEXT", tmp_path)
    assert reading_fingerprint.reading_fingerprint() != before


NOTHING = np.zeros(0, dtype=np.int64)
STEPS = [
    (words, "_drop_breaks", lambda *_: None),
    (words, "_put_placeholders", lambda *_: None),
    (disguises, "_unmask", lambda *_: None),
    (disguises, "_join_letters", lambda *_: NOTHING),
    (disguises, "_join_marked", lambda *_: None),
    (words, "cut_repeats", lambda *_: (slice(None), NOTHING)),
    (dots, "dotted", lambda codes, *_: (NOTHING, codes[:0])),
    (mending, "_doubles", lambda *_: (NOTHING, NOTHING)),
    (mending, "_part", lambda found, *_: found),
    (latin, "read", lambda found: ([""] * len(found), [False] * len(found))),
    (features, "NGRAMS", (3, 4)),
    (features, "_sounds", lambda found: (found, NOTHING, NOTHING, NOTHING)),
]


@pytest.mark.parametrize(("module", "name", "other"), STEPS, ids=[name for _, name, _ in STEPS])
def test_every_step_of_reading_is_in_the_fingerprint(monkeypatch, module, name, other):
    before = reading_fingerprint.reading_fingerprint()
    monkeypatch.setattr(module, name, other)
    assert reading_fingerprint.reading_fingerprint() != before
