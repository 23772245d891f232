"""`score` killed over and over, on full disks, and on targets that cannot be written."""

import os
import random
import signal
import subprocess
import time
from collections import Counter

import pytest
from test_score import COMMAND, THREAT, rejected, run, verdicts, write

from sextortion_detect.scoring.run import score_tables

pytestmark = pytest.mark.harden

ROWS = 60_000
KILLS = 20


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    texts = [THREAT if number % 97 == 0 else f"رسالة رقم {number} عن موعد بكرا" for number in range(ROWS)]
    first, second = write(folder / "a.csv.gz", texts[: ROWS // 2]), write(folder / "b.jsonl", texts[ROWS // 2 :])
    with second.open("a") as file:
        file.write("{broken\n")
    return [str(first), str(second)]


@pytest.mark.parametrize("target", ["v.jsonl", "v.csv", "v.parquet"])
def test_killed_at_twenty_moments(tmp_path, tables, target, record):
    whole, out = tmp_path / f"whole{target[1:]}", tmp_path / target
    score_tables(tables, whole)
    rng = random.Random(20261124)
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen([*COMMAND, *tables, "--out", out, "--resume", "--quiet"], stderr=subprocess.DEVNULL)
        begun = time.monotonic()
        # From before it has imported anything to well within its blocks.
        pause = rng.uniform(0.0, 1.6)
        while process.poll() is None and time.monotonic() < begun + pause:
            time.sleep(0.002)
        if process.poll() is not None:  # done: a file that is complete stays as it is, and the next run begins anew
            assert verdicts(out) == verdicts(whole)
            for path in tmp_path.glob(f"{target}*"):
                path.unlink()
            continue
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        if target != "v.parquet" and out.exists():  # readable at any moment up to what the journal says
            assert len(out.read_bytes()) >= 0
    assert run(*tables, "--out", out, "--resume", "--quiet").returncode in (0, 2)
    assert verdicts(out) == verdicts(whole)
    assert len({(row["source"], row["line"]) for row in verdicts(out)}) == ROWS
    assert Counter(row["reason"] for row in rejected(out)) == {"not JSON": 1}
    assert not list(tmp_path.glob("*.progress*")) + list(tmp_path.glob("*.parts"))
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
    filler.write_bytes(b"\0" * (1_900_000 if target == "v.parquet" else 500_000))
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


@pytest.mark.parametrize("size", [0, 1, 100, 50_000, 1_000_000, 5_000_000])
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
