"""How many disguised identifiers redaction hides, of a table of them.

    python tests/redaction_share.py tests/cases/identifiers.csv

`identifiers.csv` is by the authors of the code, who had it hide every row. `identifiers_by_another_hand.csv` is by
somebody who had not seen the code, which hid 77 of its 110 rows (70 %) at first sight; the code was then mended with
these rows in view, so that its share since is no blind figure. `identifiers_by_a_third_hand.csv` came after that and was
only counted: 92 of 100. A new claim takes a new table.

A row names the senders of the conversation (`senders`, between semicolons) and a message (`text`, in which `\\n` is a
line break); what must be hidden stands between ⟦ and ⟧. A row counts where no letter and no digit of that is left.
"""

import csv
import re
import sys
from pathlib import Path

from sextortion_detect.facts.redact import Redactor
from sextortion_detect.wording import wording


def rows_of_table(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def left_over(row):
    """What is still to be read of the identifiers of a row, mark by mark; empty where all is hidden."""
    text, ranges = "", []
    for part in re.split("([⟦⟧])", row["text"].replace("\\n", "\n")):
        if part == "⟦":
            start = len(text)
        elif part == "⟧":
            ranges.append(range(start, len(text)))
        else:
            text += part
    hidden = Redactor([name for name in row["senders"].split(";") if name], wording("ar")).find(text)
    covered = {place for one in hidden for place in range(one.start, one.end)}
    left = ("".join(text[place] for place in one if text[place].isalnum() and place not in covered) for one in ranges)
    return [some for some in left if some]


def main():
    table = rows_of_table(sys.argv[1])
    missed = [row for row in table if left_over(row)]
    for row in missed:
        sys.stdout.write(f"{row['id']}\t{row['text']}\t{' '.join(left_over(row))}\n")
    share = 1 - len(missed) / len(table)
    sys.stdout.write(f"{len(table) - len(missed)} of {len(table)} hidden: {share:.1%}\n")


if __name__ == "__main__":
    main()
