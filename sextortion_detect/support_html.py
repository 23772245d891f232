"""Advice as a piece of HTML that a page takes in: numbered steps, lines of help, and the note."""

from functools import cache

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from sextortion_detect.support import Advice


def advice_html(advice: Advice) -> Markup:
    """A `<section class="advice">` in the advice's own direction of writing; empty for empty advice.

    It is marked as safe, so a page's template shows it with `{{ advice_html(verdict.advice()) }}`.

    >>> from sextortion_detect.support import advise
    >>> from sextortion_detect.taxonomy import Label
    >>> advice_html(advise(Label.BLACKMAIL))[:44]
    Markup('<section class="advice" lang="ar" dir="rtl">')
    """
    return Markup(_template().render(advice=advice)) if advice else Markup()  # noqa: S704  # the template escapes


@cache
def _template() -> Template:
    return Environment(loader=PackageLoader("sextortion_detect"), autoescape=True).get_template("advice.html")
