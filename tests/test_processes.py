"""Texts that are judged in other processes: what these are sent, and what is left of it."""

import gc
import os
from pathlib import Path

from conftest import ROOT

from sextortion_detect import batches, classify, read_chat
from sextortion_detect.classify import classify_iter
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.model.storage import load_model

TEXTS = ["صباح الخير", "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل", "", "واحد يهددني بصوري شو اعمل"]


def test_other_processes_map_the_model_from_a_file_of_its_own():
    model = load_model(shipped_folder())
    file = Path(batches._file_of(model))
    assert batches._file_of(model) == str(file)
    assert file.parent.stat().st_mode & 0o077 == 0
    file.unlink()  # as who sweeps temporary folders does
    assert list(classify_iter(TEXTS * 3, model=model, n_jobs=2)) == list(classify_iter(TEXTS * 3, model=model))
    again = Path(batches._file_of(model))
    assert again.is_file()
    del model
    gc.collect()
    assert not file.parent.exists()
    assert not again.parent.exists()


def test_a_child_does_not_remove_the_file_of_its_parent(tmp_path):
    batches._remove(str(tmp_path), os.getpid() + 1)
    assert tmp_path.exists()


def test_a_conversation_is_judged_the_same_by_other_processes():
    chat = read_chat(ROOT / "datasets" / "samples" / "whatsapp_android_arabic.txt")
    assert classify(chat, n_jobs=2) == classify(chat)
