"""`score` killed over and over, on full disks, and on targets that cannot be written."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import SAMPLE
from test_scoring import COMMAND, THREAT, rejected, run, verdicts, write

from sextortion_detect.scoring.score_tables import score_tables

pytestmark = pytest.mark.harden

ROWS = 24_000
KILLS = 8


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    texts = [THREAT if number % 97 == 0 else f"رسالة رقم {number} عن موعد بكرا" for number in range(ROWS)]
    first, second = write(folder / "a.csv.gz", texts[: ROWS // 2]), write(folder / "b.jsonl", texts[ROWS // 2 :])
    with second.open("a") as file:
        file.write("{broken\n")
    return [str(first), str(second)]


def journal_of(out):
    """The bytes of the journal, and how many verdicts it says are kept; it is replaced as a whole or not at all."""
    path = out.with_name(f"{out.name}.progress")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return b"", 0
    return raw, json.loads(raw)["judged"]


def wait_for(process, rng, out):
    """Wait for a moment that was drawn: in a third of the cases while it starts, else soon after a block or several.

    Blocks are waited for, not seconds, so that a slow machine is interrupted in the midst of its work too.
    """
    begun, blocks = journal_of(out)[0], rng.choice((0, 0, 1, 1, 1, 2))
    while blocks and process.poll() is None:
        now = journal_of(out)[0]
        blocks, begun = blocks - (now != begun), now
        time.sleep(0.001)
    until = time.monotonic() + rng.uniform(0.0, 0.15 if begun else 0.6)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)


@pytest.mark.parametrize("target", ["v.jsonl", "v.csv", "v.parquet"])
def test_killed_at_random_moments(tmp_path, tables, target, record):
    whole, out = tmp_path / f"whole{target[1:]}", tmp_path / target
    score_tables(tables, whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    expected = verdicts(whole)
    rng = random.Random(20261124)
    kills = midway = 0
    while kills < KILLS:
        process = subprocess.Popen([*COMMAND, *tables, "--out", out, "--resume", "--quiet"], stderr=subprocess.DEVNULL)
        wait_for(process, rng, out)
        if process.poll() is not None:  # done: a file that is complete stays as it is, and the next run begins anew
            assert verdicts(out) == expected
            for path in tmp_path.glob(f"{target}*"):
                path.unlink()
            continue
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        kept = journal_of(out)[1]
        midway += 0 < kept < ROWS
        if target != "v.parquet" and kept:  # what the journal says is there, and is right
            rows = kept + (target == "v.csv")
            assert out.read_bytes().splitlines(keepends=True)[:rows] == lines[:rows]
    assert run(*tables, "--out", out, "--resume", "--quiet").returncode in (0, 2)
    assert verdicts(out) == expected
    assert len({(row["source"], row["line"]) for row in expected}) == ROWS
    assert Counter(row["reason"] for row in rejected(out)) == {"not JSON": 1}
    assert not list(tmp_path.glob("*.progress*")) + list(tmp_path.glob("*.rows"))
    assert midway >= KILLS // 2  # else little was interrupted
    record("interruption", "SIGKILL at random moments of score --resume", kills, "nothing lost, nothing twice")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB; skipped where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("target", ["v.jsonl", "v.csv", "v.parquet"])
def test_a_disk_that_is_full(small_disk, tables, target, record):
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * (2_000_000 if target == "v.parquet" else 500_000))
    out = small_disk / target
    done = run(*tables, "--out", out, "--quiet")
    assert done.returncode == 2
    said = done.stderr.decode()
    assert said.count("\n") == 1
    assert "(No space left on device)" in said
    assert said.endswith(" verdicts are kept: make room and go on with --resume.\n")
    kept = int(said.split("); ")[1].split()[0])
    if target == "v.jsonl":
        assert out.read_text(encoding="utf-8").count("\n") >= kept > 0
    record("interruption", "a full disk", 1, "one sentence with what was kept")


@pytest.mark.parametrize("size", [0, 100, 50_000, 3_000_000])
def test_a_limit_on_the_size_of_files(tmp_path, tables, size, record):
    import resource

    out = tmp_path / "v.jsonl"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))  # noqa: E731
    done = run(*tables, "--out", out, "--quiet", preexec_fn=limit)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert said.count("\n") == 1
    assert said.startswith(f"{out} cannot be written")
    assert run(*tables, "--out", out, "--resume", "--quiet").returncode == 2  # the broken line
    lines = [(row["source"], row["line"]) for row in verdicts(out)]
    assert len(lines) == len(set(lines)) == ROWS
    record("interruption", "files that may not grow further", 1, "one sentence; --resume completes them")


def test_targets_that_cannot_be_written(tmp_path, tables, record):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "full.jsonl").symlink_to("/dev/full")
    (tmp_path / "proc.csv").symlink_to("/proc/version")
    cases = [tmp_path / "folder.csv", tmp_path / "full.jsonl", tmp_path / "proc.csv", tmp_path / "no" / "v.csv"]
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0o500)
        cases.append(tmp_path / "closed" / "v.csv")
    for out in cases:
        done = run(tables[0], "--out", out, "--quiet")
        said = done.stderr.decode()
        assert done.returncode == 2, out
        assert said.count("\n") == 1, said
        assert "Traceback" not in said
    record("interruption", "targets that cannot be written", len(cases), "one sentence")


NOT_WRITTEN = "{target} cannot be written (No space left on device); choose another place.\n"


@pytest.mark.parametrize("target", ["full.jsonl", "full.csv"])
def test_verdicts_of_chats_on_a_disk_that_is_full(tmp_path, target, record):
    """Nothing is said to be written that is not, and the next exports are not read in vain."""
    (tmp_path / target).symlink_to("/dev/full")
    for exports in (1, 40):  # more than is written at once
        done = subprocess.run(
            [*COMMAND[:-1], "scan", *[SAMPLE] * exports, "--out", tmp_path / target], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (2, NOT_WRITTEN.format(target=tmp_path / target))
    record("interruption", "a full disk", 2, "one sentence with what was kept")


@pytest.mark.parametrize("command", [["scan", str(SAMPLE)], ["classify", "-", "--json"], ["doctor"], ["--version"]])
def test_an_output_that_is_full_or_closed(command, record):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND[:-1], *command], stdout=full, stderr=subprocess.PIPE, input=b"x\n" * 999)
    assert (done.returncode, done.stderr.decode()) == (2, NOT_WRITTEN.format(target="Standard output"))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run([*COMMAND[:-1], *command], stdout=closed, stderr=subprocess.PIPE, input=b"x\n" * 999)
    assert (done.returncode, done.stderr) == (0, b"")  # whoever closes a pipe has read enough
    record("interruption", "outputs that are full or closed", 2, "one sentence, or silence")
