"""Many threads, forks, event loops, and machines on which little is allowed: the verdicts are the same."""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sextortion_detect import Chat, Message, classify, load_model
from sextortion_detect.model.shipped import shipped_folder

pytestmark = pytest.mark.harden

THREADS = 16


@pytest.fixture(scope="module")
def texts(corpus_rows):
    return [row.text for row in corpus_rows if row.split == "dev"][:640]


@pytest.fixture(scope="module")
def expected(texts):
    return [verdict.to_dict() for verdict in classify(texts)]


def together(work, count=THREADS):
    """What each of several threads gives that begin at the same time."""
    gate = threading.Barrier(count)

    def begin(number):
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(begin, number) for number in range(count)]]


def test_sixteen_threads_on_a_fresh_model(texts, expected, record):
    """Half of them take batches and half one text at a time, each in an order of its own."""
    model = load_model(shipped_folder())

    def judge(number):
        turned = texts[number * 40 :] + texts[: number * 40]
        if number % 2:
            return [classify(text, model=model).to_dict() for text in turned[:80]]
        return [verdict.to_dict() for verdict in classify(turned, model=model)]

    for number, found in enumerate(together(judge)):
        assert found == (expected[number * 40 :] + expected[: number * 40])[: len(found)]
    record("concurrency", f"{THREADS} threads on a fresh model", 1, "the verdicts of one thread")


def _child(texts, queue):
    queue.put([verdict.to_dict() for verdict in classify(texts)])


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_children(texts, expected, method, record):
    classify(texts[:200])
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=_child, args=(texts[:200], queue))
    child.start()
    assert queue.get(timeout=120) == expected[:200]
    child.join()
    record("concurrency", "children by fork, spawn and forkserver", 1, "the same verdicts")


FORKED = """
import json, os, sys
from sextortion_detect import classify
texts = json.load(sys.stdin)
expected = classify(texts)
child = os.fork()
if not child:
    sys.exit(int(classify(texts, n_jobs=2) != expected))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), int(classify(texts, n_jobs=2) != expected))
"""


def test_other_processes_after_a_fork(texts, record):
    done = subprocess.run(
        [sys.executable, "-c", FORKED], input=json.dumps(texts[:50]), capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "0 0\n"
    record("concurrency", "n_jobs in a child by fork and in its parent", 2, "the same verdicts")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forks_while_threads_score(texts, expected, record):
    """A child never waits for what a thread of its parent had in hand."""
    stop = threading.Event()

    def work():
        while not stop.is_set():
            classify(texts[:400])
            classify(texts[5])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    forks = 12
    try:
        for _ in range(forks):
            child = os.fork()
            if not child:
                good = [verdict.to_dict() for verdict in classify(texts[:20])] == expected[:20]
                os._exit(0 if good and classify(texts[0]).to_dict() == expected[0] else 1)
            deadline = time.monotonic() + 60
            while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
                assert time.monotonic() < deadline, "the child waits for ever"
                time.sleep(0.005)
            assert os.waitstatus_to_exitcode(done[1]) == 0
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    record("concurrency", "forks while four threads score", forks, "every child scores")


def test_an_event_loop_with_an_executor(texts, expected):
    async def judge():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(8) as pool:
            return await asyncio.gather(*(loop.run_in_executor(pool, classify, text) for text in texts[:100]))

    assert [verdict.to_dict() for verdict in asyncio.run(judge())] == expected[:100]
    assert [verdict.to_dict() for verdict in asyncio.run(asyncio.to_thread(classify, texts[:100]))] == expected[:100]


CODE = """
import json, sys
def audit(event, given):
    if event.startswith("socket."):
        raise OSError("the network is blocked")
sys.addaudithook(audit)
from sextortion_detect import Chat, Message, classify
texts = json.load(sys.stdin)
verdicts = [verdict.to_dict() for verdict in classify(texts)]
alone = [classify(text).to_dict() for text in texts]
print(json.dumps([verdicts, alone, list(classify(Chat([Message(text) for text in texts])).risk)]))
"""


@pytest.fixture(scope="module")
def everything(texts, expected):
    """What CODE prints of the first 50 texts."""
    risk = list(classify(Chat([Message(text) for text in texts[:50]])).risk)
    return json.loads(json.dumps([expected[:50], expected[:50], risk]))


RACED = """
import json, sys, threading
from sextortion_detect import classify
texts = json.load(sys.stdin)
sys.setswitchinterval(1e-5)
gate, found = threading.Barrier(16), {}
def judge(number):
    gate.wait()
    found[number] = [verdict.to_dict() for verdict in (classify(texts) if number % 2 else map(classify, texts))]
threads = [threading.Thread(target=judge, args=(number,)) for number in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([found[number] for number in range(16)]))
"""


def test_the_first_call_of_a_process_from_sixteen_threads(texts, expected, record):
    """All that a first call makes: the model, thresholds, tables of words."""
    done = subprocess.run(
        [sys.executable, "-c", RACED], input=json.dumps(texts[:8]), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [json.loads(json.dumps(expected[:8]))] * THREADS
    record("concurrency", f"first calls of a process by {THREADS} threads", 1, "the verdicts of one thread")


NARROW = [
    ("as it is", [], {}),
    ("optimized", ["-O"], {}),
    ("without docstrings", ["-OO"], {}),
    ("isolated from site and home", ["-s"], {"HOME": None, "XDG_CACHE_HOME": None, "USER": None, "LOGNAME": None}),
    ("a home that is not there", [], {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"}),
    ("no byte code", ["-B"], {"PYTHONDONTWRITEBYTECODE": "1"}),
    ("another locale", [], {"LC_ALL": "C", "PYTHONUTF8": "0"}),
    ("strict warnings", ["-W", "error"], {}),
    ("development mode", ["-X", "dev"], {}),
]


@pytest.mark.parametrize(("name", "options", "changes"), NARROW, ids=[case[0] for case in NARROW])
def test_narrow_machines(texts, everything, name, options, changes, record):
    environment = {key: value for key, value in {**os.environ, **changes}.items() if value is not None}
    done = subprocess.run(
        [sys.executable, *options, "-c", CODE], input=json.dumps(texts[:50]), capture_output=True, text=True,
        env=environment, cwd="/",
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout) == everything
    record("concurrency", "machines without network and with little else", 1, "the same verdicts")


def test_a_file_system_that_takes_nothing(texts, everything, record):
    """Every way to open a file for writing, to make a folder or to rename is refused from the first import on."""
    code = (
        "import os, sys\n"
        "writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC\n"
        "def audit(event, given):\n"
        "    if event == 'open' and (given[2] or 0) & writes: raise OSError(30, 'Read-only file system')\n"
        "    if event in ('os.mkdir', 'os.rename', 'os.remove', 'tempfile.mkstemp', 'tempfile.mkdtemp'):\n"
        "        raise OSError(30, 'Read-only file system')\n"
        "sys.dont_write_bytecode = True\nsys.addaudithook(audit)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + CODE], input=json.dumps(texts[:50]), capture_output=True, text=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == everything
    record("concurrency", "a file system that takes nothing", 1, "the same verdicts")
