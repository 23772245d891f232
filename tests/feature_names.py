"""What the features of a text are called, for tests that read them."""

from sextortion_detect.model.features import concept_names, strings


def feature_names(features, text):
    """The block and the name of each feature of one text, as often as it occurs."""
    spellings = features.spellings
    words = strings(spellings.codes, spellings.names, spellings.name_lengths)
    names = strings(spellings.codes, features.word_begins, features.word_lengths)
    by_word = {}
    for place, (of, name) in enumerate(zip(features.of_word.tolist(), names, strict=True)):
        block = "word" if place < len(words) or name[0] == "~" else "character"
        by_word.setdefault(of, []).append((block, name))
    here = features.words.texts == text
    for of in features.places[here].tolist():
        yield from by_word[of]
    for place in here[features.first].nonzero()[0].tolist():
        concept = int(features.concepts[place])
        both = (words[features.places[word]] for word in (features.first[place], features.second[place]))
        yield ("word", " ".join(both)) if concept < 0 else ("concept", concept_names()[concept])


def word_names(features):
    """The name of each distinct word."""
    return strings(features.spellings.codes, features.spellings.names, features.spellings.name_lengths)
