"""The detector and the normalizer as scikit-learn estimators, for pipelines, cross-validation and a fit of one's own.

>>> SextortionClassifier().predict(["صباح الخير", "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"])
array(['benign', 'blackmail'], dtype=object)
>>> ArabicNormalizer().transform(["صــورك  عنــدي!!!"])
array(['صورك عندي ! !'], dtype=object)
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.metrics import f1_score
from sklearn.utils import InputTags, Tags
from threadpoolctl import threadpool_limits

from sextortion_detect.budget_thresholds import budget_thresholds
from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Label, Script, Tactic, Variety
from sextortion_detect.text.words import normalized

if TYPE_CHECKING:
    from sextortion_detect.training.recipe import Recipe

Name = TypeVar("Name", Label, Tactic)
Texts = Iterable[str]
Array = NDArray[Any]

_OF_HARMLESS: Final = 0.01
"""The share of the harmless rows of a fit that may be flagged: they are few, and most resemble offenses."""


class _OfTexts(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """What takes texts, and works without a fit."""

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = InputTags(one_d_array=True, two_d_array=False, string=True)
        tags.requires_fit = False
        tags.no_validation = True
        return tags


class SextortionClassifier(ClassifierMixin, _OfTexts):  # type: ignore[misc]
    """The detector as a classifier over raw texts: the shipped model until it is fitted, then one adapted to rows.

    `model` is used in place of the shipped one. `thresholds` as in `classify`.
    `background` (texts of ordinary traffic), `corpus` (a folder with `messages/`, whose dev rows are added to those
    given) and `settings` (a `Recipe`, of which the fields of the rule count) are for `fit`. `n_jobs` is the number of
    processes that score.

    Where scikit-learn fits on its own, as in `cross_val_score`, each fold adapts a model of its own to its rows; a
    `FrozenEstimator` leaves it as it is. `flag_scorer` judges `flagged`, where `score` judges labels.

    Attributes: `classes_` (the four labels, sorted), `model_` (the model that `fit` made).

    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import cross_val_score
    >>> texts, labels = ["صباح الخير", "معي صورك، حول ٥٠٠ دولار والا بنشرها لاهلك"] * 2, ["benign", "blackmail"] * 2
    >>> cross_val_score(FrozenEstimator(SextortionClassifier()), texts, labels, cv=2, scoring=flag_scorer).tolist()
    [1.0, 1.0]
    """

    model_: Model

    def __init__(
        self,
        *,
        model: Model | None = None,
        thresholds: ThresholdChoice | None = None,
        background: Sequence[str] = (),
        corpus: str | PathLike[str] | None = None,
        settings: "Recipe | None" = None,
        n_jobs: int = 1,
    ) -> None:
        self.model = model
        self.thresholds = thresholds
        self.background = background
        self.corpus = corpus
        self.settings = settings
        self.n_jobs = n_jobs

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; those who print them, as scikit-learn does, see how many texts `background` has."""
        params: dict[str, Any] = super().get_params(deep)
        given = params["background"]
        if isinstance(given, Collection) and not isinstance(given, (str, _Unshown)) and len(given):
            params["background"] = _Unshown(given)
        return params

    def fit(self, X: Texts, y: Iterable[str], tactics: Iterable[Iterable[str]] | None = None) -> Self:
        """Adapt the shipped model, or `model`, to annotated texts.

        It starts from that model's features and what they weigh, which rest on far more texts than anybody labels, and
        keeps both, with its tactics and its way to read conversations. What is fitted is how its scores of the whole
        and of the strongest stretch become probabilities, and the thresholds at which one in a hundred of the harmless
        rows given is flagged; set them with `thresholds_for(texts, model=classifier.model_)` on ordinary messages. The
        command `train` fits a whole model, words and all.

        `y` holds the label of each text, all four of them; `tactics` the tactics of each, on which the thresholds of
        tactics are then set. Raises `InputError` for labels that do not exist or are of another number than the texts,
        `CorpusError` where a label occurs nowhere, or a tactic where tactics are given, and `ImportError` without the
        extra `train`.
        """
        from sextortion_detect.training.corpus import Row, load_messages
        from sextortion_detect.training.label_head import fit_rule
        from sextortion_detect.training.recipe import Recipe
        from sextortion_detect.training.thresholds import choose_thresholds, score_all

        texts, labels = _texts(X), [_member(Label, label) for label in _column(y)]
        if len(texts) != len(labels):
            raise InputError(f"There are {len(texts)} texts and {len(labels)} labels; give each text one label.")
        if not texts:
            raise CorpusError("There is no row to fit on; give annotated texts.")
        used = [()] * len(labels) if tactics is None else _read_tactics(tactics, labels)
        rows = [
            Row(
                id=f"own-{number}", text=text, label=label, tactics=some, variety=Variety.MSA, script=Script.ARABIC,
                kind=None, author="own", split="dev", country="", place=f"row {number}",
            )
            for number, (text, label, some) in enumerate(zip(texts, labels, used, strict=True))
        ]  # fmt: skip
        if self.corpus is not None:
            rows += [row for row in load_messages(Path(self.corpus)) if row.split == "dev"]
        missing = {*Label} - {row.label for row in rows}
        if tactics is not None:
            missing |= {*Tactic} - {tactic for row in rows if row.label in OFFENSES for tactic in row.tactics}
        if missing:
            raise CorpusError(f"No row is annotated with {', '.join(sorted(missing))}; add some and fit again.")
        start, recipe, background = self.model or shipped_model(), self.settings or Recipe(), list(self.background)
        with threadpool_limits(limits=1):  # in another order sums would differ in the last digits
            rule, scaling = fit_rule(start.vectorizer, start.messages, rows, background, recipe)
        manifest = {
            "adapted_from": start.manifest.get("name"),
            "calibration": asdict(scaling),
            "settings": asdict(recipe),
            "rows": {"dev": len(rows)},
            "background": {"texts": len(background)},
            "conversation": start.manifest.get("conversation"),
        }
        model = replace(start, labels=rule, manifest=manifest)
        harmless = score_all(model, [row.text for row in rows if row.label is Label.BENIGN]).labels
        chosen = budget_thresholds(harmless, _OF_HARMLESS)
        if tactics is not None:
            of_rows = choose_thresholds(model, rows, (), recipe.budget)
            chosen |= {tactic.value: of_rows[tactic] for tactic in Tactic}
        self.model_ = replace(model, thresholds={**start.thresholds, **chosen})
        return self

    @property
    def classes_(self) -> Array:
        """The labels in alphabetical order: the columns of `predict_proba`."""
        return np.array(sorted(label.value for label in Label), dtype=object)

    def predict(self, X: Texts) -> Array:
        """The label of each text, as `classify` gives it."""
        return np.array([verdict.label.value for verdict in self.decide(X)], dtype=object)

    def predict_proba(self, X: Texts) -> Array:
        """Calibrated probabilities (texts x 4) in the order of `classes_`."""
        labels = sorted(Label)
        scores = [[verdict.scores[label] for label in labels] for verdict in self.decide(X)]
        return np.array(scores, dtype=np.float64).reshape(-1, len(labels))

    def predict_log_proba(self, X: Texts) -> Array:
        """The natural logarithm of `predict_proba`; minus infinity for 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def decide(self, X: Texts) -> list[Verdict]:
        """The whole verdicts, with tactics and evidence."""
        return classify(_texts(X), model=self._used_model(), thresholds=self.thresholds, n_jobs=self.n_jobs)

    def get_feature_names_out(self, input_features: object = None) -> Array:  # noqa: ARG002  # scikit-learn's signature
        """The names of the features of the model in use, such as `concept:<money>`."""
        vocabularies = self._used_model().vectorizer.vocabularies
        return np.array([f"{block}:{name}" for block, names in vocabularies.items() for name in names], dtype=object)

    def _used_model(self) -> Model:
        fitted: Model | None = getattr(self, "model_", None)
        return fitted or self.model or shipped_model()


def flag_scorer(estimator: Any, X: Any, y: Any) -> float:
    """The F1 of `flagged`, 0 to 1, for `scoring=`: `thresholds` change it, while accuracy and `score` pass them by.

    `estimator` is a `SextortionClassifier`, also a frozen one or one at the end of a pipeline; `y` holds labels or, for
    offenses, 1 and for all else 0. F1 hangs on how common offenses are among the texts. Raises `InputError` for other
    targets.

    >>> flag_scorer(SextortionClassifier(), ["صباح الخير", "معي صورك، حول ٥٠٠ دولار والا بنشرها لاهلك"], [0, 1])
    1.0
    """
    truth = [_OFFENDS.get(target) for target in _column(y)]
    if None in truth:
        raise InputError(f"A target must be one of {', '.join(Label)}, or 1 for offenses and 0 for all else.")
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    for step in steps[:-1]:
        X = step.transform(X)  # noqa: N806  # scikit-learn's name
    return float(f1_score(truth, [verdict.flagged for verdict in steps[-1].decide(X)], zero_division=0.0))


_OFFENDS: Final[dict[Any, bool]] = {**{label: label in OFFENSES for label in Label}, False: False, True: True}


class ArabicNormalizer(TransformerMixin, _OfTexts):  # type: ignore[misc]
    """Folds Arabic texts as the detector does: letter forms, stretched and dotted spellings, digits; nothing to fit.

    Texts in, folded texts out in the same shape: a list or Series gives a one-dimensional array, which a
    `TfidfVectorizer` takes; a table of texts gives a table.
    """

    def fit(self, X: object, y: object = None) -> Self:  # noqa: ARG002  # scikit-learn's signature
        """Nothing is learnt."""
        return self

    def transform(self, X: Any) -> Array:
        """The folded texts, an array of `str` objects in the shape of the input."""
        table = np.asarray(X if hasattr(X, "__array__") else list(X), dtype=object)
        folded = normalized(_texts(table.ravel()))
        return np.array([*folded, None], dtype=object)[:-1].reshape(table.shape)

    def get_feature_names_out(self, input_features: Iterable[str] | None = None) -> Array:
        """The names of the columns that came in; `text` where they bear none."""
        return np.array(["text"] if input_features is None else list(input_features), dtype=object)


class _Unshown(list[str]):
    """Texts that are not printed."""

    def __repr__(self) -> str:
        return f"<{len(self)} texts>"


def _column(given: Any) -> Any:
    """The one column of a table; anything else as it is."""
    shape: tuple[int, ...] = getattr(given, "shape", ())
    if len(shape) < 2:
        return given
    if shape[1:] != (1,):
        raise InputError(f"A table must have one column here, not {shape[1]}; choose one.")
    return np.asarray(given, dtype=object).ravel()


def _texts(texts: Texts) -> list[str]:
    """The texts as a list; `TypeError` with the position for one that is none, and for one text in place of many."""
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise TypeError(f"An iterable of texts is needed, not {type(texts).__name__}; put a single text into a list.")
    listed = list(_column(texts))
    for position, text in enumerate(listed):
        if not isinstance(text, str):
            raise TypeError(
                f"The item at position {position} is of type {type(text).__name__}; convert it to str or leave it out."
            )
    return listed


def _member(kind: type[Name], name: str) -> Name:
    if name not in tuple(kind):  # an enum's own error would quote it, and it may be a text
        raise InputError(f"A {kind.__name__.lower()} must be one of {', '.join(kind)}.")
    return kind(name)


def _read_tactics(tactics: Iterable[Iterable[str]], labels: Sequence[Label]) -> list[tuple[Tactic, ...]]:
    read = [tuple(_member(Tactic, tactic) for tactic in used) for used in tactics]
    if len(read) != len(labels):
        raise InputError(f"There are tactics for {len(read)} texts and {len(labels)} labels; give each text its own.")
    return read
