"""The detector and the normalizer as scikit-learn estimators, for pipelines, cross-validation and a fit of one's own.

>>> SextortionClassifier().predict(["صباح الخير", "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"])
array(['benign', 'blackmail'], dtype=object)
>>> ArabicNormalizer().transform(["صــورك  عنــدي!!!"])
array(['صورك عندي ! !'], dtype=object)
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils import Tags

from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Label, Script, Tactic, Variety
from sextortion_detect.text.words import normalized

if TYPE_CHECKING:
    from sextortion_detect.training.corpus import Row
    from sextortion_detect.training.recipe import Recipe

Name = TypeVar("Name", Label, Tactic)
Texts = Iterable[str]
Array = NDArray[Any]

_DEV_EVERY: Final = 5  # of the rows of a kind, one in so many sets temperature and thresholds


class SextortionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The detector as a classifier over raw texts: the shipped model until it is fitted, then its own.

    `model` is used in place of the shipped one. `thresholds` as in `classify`.
    `background` (texts of ordinary traffic), `corpus` (a folder with `messages/`, whose rows are added to those given)
    and `settings` are for `fit`. `n_jobs` is the number of processes.

    Attributes: `classes_` (the four labels, sorted), `model_` (the model that `fit` made).
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
        """Fit a model on annotated texts: of each kind of row one in five sets thresholds, the others are learnt from.

        `y` holds the label of each text; `tactics` the tactics of each, and where it is not given those that the
        present model sees in the offenses. All four labels and all tactics must occur; `corpus` can bring those that
        are missing. Raises `InputError` for labels that do not exist or are of another number than the texts,
        `CorpusError` where a label or tactic has too few rows, and `ImportError` without the extra `train`.
        """
        from sextortion_detect.training.corpus import load_messages
        from sextortion_detect.training.fit import fit

        texts, labels = _texts(X), [_member(Label, label) for label in y]
        if len(texts) != len(labels):
            raise InputError(f"There are {len(texts)} texts and {len(labels)} labels; give each text one label.")
        if not texts:
            raise CorpusError("There is no row to fit on; give annotated texts.")
        found = self._seen_tactics(texts, labels) if tactics is None else _read_tactics(tactics, labels)
        rows = _split(texts, labels, found)
        if self.corpus is not None:
            rows += load_messages(Path(self.corpus))
        self.model_ = fit(rows, list(self.background), (), self.settings, self.n_jobs)
        return self

    @property
    def classes_(self) -> Array:
        """The labels in alphabetical order: the columns of `predict_proba`."""
        return np.array(sorted(label.value for label in Label), dtype=object)

    def predict(self, X: Texts) -> Array:
        """The label of each text, as `classify` gives it."""
        return np.array([verdict.label.value for verdict in self._verdicts(X)], dtype=object)

    def predict_proba(self, X: Texts) -> Array:
        """Calibrated probabilities (texts x 4) in the order of `classes_`."""
        columns = [Label(name) for name in self.classes_]
        scores = [[verdict.scores[label] for label in columns] for verdict in self._verdicts(X)]
        return np.array(scores, dtype=np.float64).reshape(-1, len(columns))

    def predict_log_proba(self, X: Texts) -> Array:
        """The natural logarithm of `predict_proba`; minus infinity for 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def decide(self, X: Texts) -> list[Verdict]:
        """The whole verdicts, with tactics and evidence."""
        return self._verdicts(X)

    def get_feature_names_out(self, input_features: object = None) -> Array:  # noqa: ARG002  # scikit-learn's signature
        """The names of the features of the model in use, such as `concept:<money>`."""
        vocabularies = self._used_model().vectorizer.vocabularies
        return np.array([f"{block}:{name}" for block, names in vocabularies.items() for name in names], dtype=object)

    def _used_model(self) -> Model:
        fitted: Model | None = getattr(self, "model_", None)
        return fitted or self.model or shipped_model()

    def _verdicts(self, texts: Texts) -> list[Verdict]:
        return classify(_texts(texts), model=self._used_model(), thresholds=self.thresholds, n_jobs=self.n_jobs)

    def _seen_tactics(self, texts: Sequence[str], labels: Sequence[Label]) -> list[tuple[Tactic, ...]]:
        """The tactics at or over their thresholds in each offense, be it flagged or not."""
        verdicts = classify(texts, model=self._used_model(), thresholds={"offense": 0.0}, n_jobs=self.n_jobs)
        return [
            tuple(verdict.tactics) if label in OFFENSES else () for verdict, label in zip(verdicts, labels, strict=True)
        ]

    def __sklearn_is_fitted__(self) -> bool:
        return True  # the shipped model is

    def __sklearn_tags__(self) -> Any:
        return _text_tags(super().__sklearn_tags__())


class ArabicNormalizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
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

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        return _text_tags(super().__sklearn_tags__())


class _Unshown(list[str]):
    """Texts that are not printed."""

    def __repr__(self) -> str:
        return f"<{len(self)} texts>"


def _text_tags(tags: Tags) -> Tags:
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    tags.input_tags.one_d_array = True
    tags.requires_fit = False
    tags.no_validation = True
    return tags


def _texts(texts: Texts) -> list[str]:
    """The texts as a list; `TypeError` with the position for one that is none, and for one text in place of many."""
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise TypeError(f"An iterable of texts is needed, not {type(texts).__name__}; put a single text into a list.")
    listed = list(texts)
    for position, text in enumerate(listed):
        if not isinstance(text, str):
            raise TypeError(
                f"The item at position {position} is of type {type(text).__name__}; convert it to str or leave it out."
            )
    return listed


def _member(kind: type[Name], name: str) -> Name:
    if name not in set(kind):  # an enum's own error would quote it, and it may be a text
        raise InputError(f"A {kind.__name__.lower()} must be one of {', '.join(kind)}.")
    return kind(name)


def _read_tactics(tactics: Iterable[Iterable[str]], labels: Sequence[Label]) -> list[tuple[Tactic, ...]]:
    read = [tuple(_member(Tactic, tactic) for tactic in used) for used in tactics]
    if len(read) != len(labels):
        raise InputError(f"There are tactics for {len(read)} texts and {len(labels)} labels; give each text its own.")
    return read


def _split(texts: Sequence[str], labels: Sequence[Label], tactics: Sequence[Sequence[Tactic]]) -> list["Row"]:
    """Rows for training: among those that share their rarest name, the second and then each fifth goes to dev.

    So a name that two rows bear stands in both splits, and the same rows are always split in the same way.
    """
    from sextortion_detect.training.corpus import Row

    names = [(label.value, *(tactic.value for tactic in used)) for label, used in zip(labels, tactics, strict=True)]
    common = Counter(name for row in names for name in row)
    seen: Counter[str] = Counter()
    rows = []
    for number, (text, label, used) in enumerate(zip(texts, labels, tactics, strict=True)):
        rarest = min(names[number], key=lambda name: (common[name], name))
        seen[rarest] += 1
        split = "dev" if seen[rarest] % _DEV_EVERY == 2 else "train"
        rows.append(
            Row(
                id=f"own-{number}", text=text, label=label, tactics=tuple(used), variety=Variety.MSA,
                script=Script.ARABIC, kind=None, author="own", split=split, country="",
                place=f"row {number}",
            )
        )  # fmt: skip
    return rows
