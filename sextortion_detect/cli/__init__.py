"""The command line: `sextortion-detect classify | scan | score | train | evaluate | experiment | serve | doctor`.

Data goes to standard output, progress and complaints to standard error, these in Arabic where the locale is Arabic.
Exit codes: 0 done; 1 `doctor` found a fault; 2 something given cannot be used (one sentence on standard error says
what to do; what could be done was done); 130 interrupted.
"""

from sextortion_detect.cli.app import main

__all__ = ["main"]
