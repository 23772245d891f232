"""What the features of a text are called, for tests that read them."""

from sextortion_detect.model.concept_features import concept_keys, concept_names
from sextortion_detect.model.feature_keys import strings


def feature_names(features, text):
    """The block and the name of each feature of one text, as often as it occurs."""
    spellings = features.spellings
    words = strings(spellings.codes, spellings.names, spellings.name_lengths)
    names = strings(spellings.codes, features.word_begins, features.word_lengths)
    named = [
        ("word" if place < len(words) or name[0] == "~" else "character", name) for place, name in enumerate(names)
    ]
    concepts = dict(zip(concept_keys().tolist(), concept_names(), strict=True))
    named += [("concept", concepts[key]) for key in features.word_keys[len(names) :].tolist()]
    by_word = {}
    for of, name in zip(features.of_word.tolist(), named, strict=True):
        by_word.setdefault(of, []).append(name)
    here = features.words.texts == text
    for of in features.places[here].tolist():
        yield from by_word[of]
    for place in here[features.first].nonzero()[0].tolist():
        first, key = features.first[place], int(features.keys[place])
        pair = " ".join(words[word] for word in features.places[first : first + 2])
        yield ("concept", concepts[key]) if key in concepts else ("word", pair)


def word_names(features):
    """The name of each distinct word."""
    return strings(features.spellings.codes, features.spellings.names, features.spellings.name_lengths)
