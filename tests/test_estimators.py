"""The scikit-learn estimators keep scikit-learn's contract, and say the same as `classify`."""

import pickle
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import CANARY, ROOT
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted

import sextortion_detect
from sextortion_detect import ArabicNormalizer, SextortionClassifier, classify
from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.taxonomy import Label, Variety
from sextortion_detect.text.words import normalized
from sextortion_detect.training.recipe import Recipe

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
TEXTS = [THREAT, "صباح الخير", "", "واحد يهددني ينشر صوري وش اسوي"]

# scikit-learn's checks that feed tables of numbers leave estimators of texts out by their tags (`two_d_array` is False),
# and say so by a warning; what the most telling of them hold is held on texts below. Those that remain run here.
EXPECTED_FAILURES: dict[str, str] = {}


def checks():
    with pytest.warns(SkipTestWarning, match="requires input"):
        return [
            pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
            for estimator in (SextortionClassifier(), ArabicNormalizer())
            for estimator, check in estimator_checks_generator(
                estimator, expected_failed_checks=EXPECTED_FAILURES, mark="xfail"
            )
        ]


@pytest.mark.parametrize(("estimator", "check"), checks())
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def twins():
    return [
        (SextortionClassifier(), "predict_proba"),
        (SextortionClassifier(), "predict"),
        (ArabicNormalizer(), "transform"),
    ]


@pytest.mark.parametrize(("estimator", "method"), twins(), ids=lambda given: getattr(given, "__name__", str(given)))
class TestTwinsOfTheChecksThatFeedNumbers:
    def test_methods_sample_order_invariance(self, estimator, method):
        said, turned = getattr(estimator, method)(TEXTS), getattr(estimator, method)(TEXTS[::-1])
        np.testing.assert_array_equal(said, turned[::-1])

    def test_methods_subset_invariance(self, estimator, method):
        each = np.concatenate([getattr(estimator, method)([text]) for text in TEXTS])
        np.testing.assert_array_equal(getattr(estimator, method)(TEXTS), each)

    def test_dict_unchanged(self, estimator, method):
        before = dict(vars(estimator))
        getattr(estimator, method)(TEXTS)
        assert vars(estimator) == before

    def test_estimators_pickle(self, estimator, method):
        again = pickle.loads(pickle.dumps(estimator))
        np.testing.assert_array_equal(getattr(again, method)(TEXTS), getattr(estimator, method)(TEXTS))

    def test_input_unchanged(self, estimator, method):
        given = np.array(TEXTS, dtype=object)
        getattr(estimator, method)(given)
        assert given.tolist() == TEXTS


def test_says_what_classify_says():
    classifier = SextortionClassifier()
    verdicts = classify(TEXTS)
    assert classifier.predict(TEXTS).tolist() == [verdict.label.value for verdict in verdicts]
    probabilities = classifier.predict_proba(TEXTS)
    assert probabilities.shape == (4, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    for row, verdict in zip(probabilities, verdicts, strict=True):
        assert dict(zip(classifier.classes_, row, strict=True)) == verdict.scores
    assert classifier.decide(TEXTS) == verdicts
    assert np.exp(classifier.predict_log_proba(TEXTS)) == pytest.approx(probabilities)
    assert classifier.score(TEXTS, [verdict.label for verdict in verdicts]) == 1.0


@pytest.mark.parametrize("texts", [pd.Series(TEXTS), tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object)])
def test_any_iterable_of_texts(texts):
    assert SextortionClassifier().predict(texts).tolist() == SextortionClassifier().predict(TEXTS).tolist()


def test_no_text_at_all():
    assert SextortionClassifier().predict([]).shape == (0,)
    assert SextortionClassifier().predict_proba([]).shape == (0, 4)
    assert ArabicNormalizer().transform([]).shape == (0,)


def test_params_and_clones():
    classifier = SextortionClassifier(thresholds={"offense": 1.0})
    assert set(classifier.get_params()) == {"model", "thresholds", "background", "corpus", "settings", "n_jobs"}
    copy = clone(classifier)
    assert copy is not classifier
    assert copy.get_params() == classifier.get_params()
    assert not copy.decide([THREAT])[0].flagged
    assert copy.set_params(thresholds=None).decide([THREAT])[0].flagged
    check_is_fitted(classifier)
    check_is_fitted(ArabicNormalizer())


def test_feature_names(model):
    names = SextortionClassifier().get_feature_names_out()
    assert len(names) == len(model.vectorizer.idf)
    assert len(set(names)) == len(names)


SMALL = Recipe(written_copies=0.0, label_c=1.0)


def test_a_fit_on_ones_own_rows(corpus_rows):
    rows = [row for row in corpus_rows if row.split == "train"][::20]
    texts, labels = [row.text for row in rows], [row.label for row in rows]
    classifier = SextortionClassifier(settings=SMALL).fit(texts, labels)
    assert classifier.model_.manifest["rows"]["train"] > 3 * classifier.model_.manifest["rows"]["dev"]
    held_out = [row for row in corpus_rows if row.split == "dev"]
    assert classifier.score([row.text for row in held_out], [row.label for row in held_out]) > 0.6


def test_a_fit_is_repeatable_and_takes_tactics(corpus_rows):
    rows = [row for row in corpus_rows if row.split == "train"][::40]
    texts, labels = [row.text for row in rows], [row.label for row in rows]
    classifier = SextortionClassifier(settings=SMALL)
    first, again = (clone(classifier).fit(texts, labels).predict_proba(texts[:50]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    with_tactics = SextortionClassifier(thresholds={"offense": 0.5}, settings=SMALL)
    with_tactics.fit(texts, labels, tactics=[row.tactics for row in rows])
    assert "payment_demand" in with_tactics.decide([THREAT])[0].tactics


def test_the_corpus_fills_up_what_is_missing(corpus_rows, tmp_path):
    (tmp_path / "messages").mkdir()
    for path in (ROOT / "datasets" / "messages" / "egy").glob("*.csv"):
        shutil.copy(path, tmp_path / "messages")
    own = [row for row in corpus_rows if row.label is Label.BENIGN and row.variety is Variety.GLF][:40]
    texts, labels = [row.text for row in own], [row.label for row in own]
    with pytest.raises(CorpusError, match="No train row is annotated with"):
        SextortionClassifier().fit(texts, labels)
    classifier = SextortionClassifier(corpus=tmp_path, settings=SMALL).fit(texts, labels)
    assert classifier.predict([THREAT]).tolist() == ["blackmail"]


def test_cross_validation(corpus_rows):
    rows = corpus_rows[::25]
    scores = cross_val_score(
        SextortionClassifier(settings=SMALL),
        np.array([row.text for row in rows], dtype=object),
        [row.label.value for row in rows],
        cv=2,
    )
    assert (scores > 0.5).all()


BAD_FITS = [
    (["هلا"], ["rude"], None, InputError, "A label must be one of benign, grooming, blackmail, victim_report."),
    (["هلا"], ["benign", "benign"], None, InputError,
     "There are 1 texts and 2 labels; give each text one label."),
    (["هلا"], ["benign"], [[], []], InputError,
     "There are tactics for 2 texts and 1 labels; give each text its own."),
    (["هلا"], ["benign"], [["x"]], InputError,
     "A tactic must be one of trust_building, personal_info_request, secrecy, move_to_private_channel, move_to_video, "
     "intimate_request, possession_claim, exposure_threat, payment_demand, coerced_act, deadline_pressure."),
    ([], [], None, CorpusError, "There is no row to fit on; give annotated texts."),
    ([THREAT, THREAT], ["blackmail", "blackmail"], [["payment_demand"]] * 2, CorpusError,
     "No train row is annotated with benign, coerced_act, deadline_pressure, exposure_threat, grooming, "
     "intimate_request, move_to_private_channel, move_to_video, personal_info_request, possession_claim, secrecy, "
     "trust_building, victim_report; add some and train again."),
    ("هلا", ["benign"], None, TypeError, "An iterable of texts is needed, not str; put a single text into a list."),
    ([CANARY, 3], ["benign"] * 2, None, TypeError,
     "The item at position 1 is of type int; convert it to str or leave it out."),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "labels", "tactics", "error", "sentence"), BAD_FITS, ids=range(len(BAD_FITS)))
def test_what_cannot_be_fitted_on(texts, labels, tactics, error, sentence):
    with pytest.raises(error) as caught:
        SextortionClassifier().fit(texts, labels, tactics)
    assert str(caught.value) == sentence


def test_normalizer_in_a_pipeline():
    pipeline = make_pipeline(ArabicNormalizer(), TfidfVectorizer(), LogisticRegression())
    pipeline.fit(["صــورك عنــدي", "صباح الخير"], [1, 0])
    assert pipeline.predict(["صورك عندي"]).tolist() == [1]


def test_normalizer_keeps_shape_and_names():
    normalizer = ArabicNormalizer()
    assert normalizer.fit_transform(TEXTS).tolist() == [normalized([text])[0] for text in TEXTS]
    table = pd.DataFrame({"a": ["صــورك"], "b": ["أهلًا"]})
    assert normalizer.transform(table).tolist() == [["صورك", normalized(["أهلًا"])[0]]]
    assert normalizer.get_feature_names_out(["a", "b"]).tolist() == ["a", "b"]
    assert normalizer.get_feature_names_out().tolist() == ["text"]
    columns = make_column_transformer((normalizer, ["a"]), verbose_feature_names_out=False)
    assert columns.set_output(transform="pandas").fit_transform(table)["a"].tolist() == ["صورك"]
    with pytest.raises(TypeError, match="position 1 is of type NoneType"):
        normalizer.transform(["a", None])


def test_names_of_the_package():
    assert {"SextortionClassifier", "ArabicNormalizer"} <= set(sextortion_detect.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        sextortion_detect.Nothing  # noqa: B018
