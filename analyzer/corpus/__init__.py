"""What other packages did: reports of real runs in a database, and how usual a behavior or an issue is among them.

Ranks need no database. SQLAlchemy, which takes long to load, is imported when a corpus is opened, not before.
"""

from analyzer.corpus.corpus import Corpus, corpus_for_reports, open_corpus
from analyzer.corpus.ranks import RANK_DATE, rank

__all__ = ["RANK_DATE", "Corpus", "corpus_for_reports", "open_corpus", "rank"]
