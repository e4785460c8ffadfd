"""The search index on PostgreSQL: `story.search`, a column that the server itself fills, under a GIN index.

It holds the words of title (weight A), standfirst (B) and text, parted and folded as on SQLite, whatever the server's
locale; those of title and standfirst once more as `title=bridge`; where the story's language has a stemmer, `en=bridg`
for each word whose stem is another; and what the story is filed under, as `author=...`, `tag=...`, `section=...`,
`language=...`, `access=...`, `site=...`. No word holds a `=`.

So a word is found as it is written, in any language, and in other forms by what is stored for the story's own; phrases,
beginnings and words in quotes or in a field only as they are written.
"""

# ruff: noqa: S608 - all names in statements are of our own
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, FromClause, cast, false, literal_column, text
from sqlalchemy.dialects.postgresql import TSQUERY

from newsbot.store.filters import Filters
from newsbot.store.models import fit
from newsbot.store.search import Search, Term
from newsbot.store.words import LETTERS, MARKS

COLUMN, INDEX = "search", "ix_story_search"
_MOST_SITES = 50  # that the index is asked for

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""The Snowball stemmers of PostgreSQL 14 and later, by language."""

# Punctuation, signs and symbols, by blocks. In ASCII the server's parser would see addresses, paths and signed numbers;
# beyond it, where the locale is C, letters.
_APART = (
    r"!-/:-@\[-`{-~\u0080-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589"
    r"\u058a\u05be\u05c0\u05c3\u05c6\u05f3-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e2f\u0e4f\u0e5a\u0e5b"
    r"\u104a-\u104f\u10fb\u1360-\u1368\u17d4-\u17da\u1800-\u180a\u2000-\u206f\u20a0-\u20cf\u2190-\u245f\u2500-\u2bff"
    r"\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30a0\u30fb\ufe10-\ufe6f\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40"
    r"\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001faff"
)
_LATIN = r"\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"  # letters that have marks, and these
_OTHERS = r"\u0370-\u1cff\u1f00-\u1fff\u3040-\ud7ff"  # scripts whose marks stay


def _escaped(ranges: str) -> str:
    """Ranges of characters as PostgreSQL's regular expressions take them in any encoding."""
    return "".join(c if c == "-" else f"\\u{ord(c):04x}" if c <= "\uffff" else f"\\U{ord(c):08x}" for c in ranges)


_CASES = "".join(
    f" WHEN '{code}' THEN 'pg_catalog.{name}_stem'::pg_catalog.regdictionary" for code, name in _STEMMERS.items()
)
FUNCTIONS = {
    "newsbot_stemmer": (
        "language text",
        "regdictionary",
        f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE split_part(language, '-', 1){_CASES} END $$",
    ),
    "newsbot_words": (
        "said text",
        "text",
        rf"""LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
  said := replace(lower(said), 'ς', 'σ');
  IF said ~ '[{_OTHERS}]' AND said ~ '[{_LATIN}]' THEN
    said := normalize(regexp_replace(normalize(said, NFD), '([a-z])[\u0300-\u036f]+', '\1', 'g'), NFC);
  ELSIF said ~ '[{_LATIN}]' THEN
    said := regexp_replace(normalize(said, NFD), '[\u0300-\u036f]+', '', 'g');
  END IF;
  IF said ~ '[\u0e01-\U0003ffff]' THEN
    said := regexp_replace(said, '[{_escaped(LETTERS)}][{_escaped(MARKS)}]*', ' \& ', 'g');
  END IF;
  RETURN regexp_replace(said, '[{_APART}]+', ' ', 'g');
END $$""",
    ),
    # PostgreSQL takes no index entry of more than a megabyte: of a text that has one, the beginning is found.
    "newsbot_search": (
        "title text, standfirst text, text text, authors jsonb, tags jsonb, section text, language text, access text, "
        "site text",
        "tsvector",
        r"""LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  head tsvector;
  lead tsvector;
  words tsvector;
  labels text[];
  code text := split_part(language, '-', 1);
  stemmer regdictionary := newsbot_stemmer(language);
BEGIN
  head := to_tsvector('simple', newsbot_words(title));
  lead := to_tsvector('simple', coalesce(newsbot_words(standfirst), ''));
  words := setweight(head, 'A') || setweight(lead, 'B') || to_tsvector('simple', newsbot_words(text));
  SELECT array_agg(left(label, 250)) INTO labels FROM (
    SELECT 'author=' || lower(value) FROM jsonb_array_elements_text(authors) AS value
    UNION ALL SELECT 'tag=' || lower(value) FROM jsonb_array_elements_text(tags) AS value
    UNION ALL SELECT 'section=' || lower(section)
    UNION ALL SELECT 'language=' || code
    UNION ALL SELECT 'access=' || access
    UNION ALL SELECT 'site=' || site
    UNION ALL SELECT 'title=' || word FROM unnest(tsvector_to_array(head)) AS word
    UNION ALL SELECT 'standfirst=' || word FROM unnest(tsvector_to_array(lead)) AS word
    UNION ALL SELECT code || '=' || stem FROM (
      SELECT word, (ts_lexize(stemmer, word))[1] AS stem FROM unnest(tsvector_to_array(words)) AS word
      WHERE stemmer IS NOT NULL
    ) AS stems WHERE stem <> word
  ) AS found (label) WHERE label IS NOT NULL;
  RETURN words || array_to_tsvector(labels);
EXCEPTION WHEN program_limit_exceeded THEN
  RETURN to_tsvector('simple', left(newsbot_words(title || ' ' || text), 100000));
END $$""",
    ),
}
_EXPRESSION = "newsbot_search(title, standfirst, text, authors, tags, section, language, access, site)"


# -- making and checking -----------------------------------------------------------------------------------------------


def rebuild(connection: Connection, _progress: Callable[[int, int], None]) -> None:
    """Make functions, column and index anew, whatever there is of them; the server fills them, in two statements."""
    drop(connection)
    for name, (takes, gives, body) in FUNCTIONS.items():
        connection.exec_driver_sql(f"CREATE FUNCTION {name}({takes}) RETURNS {gives} {body}")
    connection.exec_driver_sql(
        f"ALTER TABLE story ADD COLUMN {COLUMN} tsvector GENERATED ALWAYS AS ({_EXPRESSION}) STORED"
    )
    connection.exec_driver_sql(f"CREATE INDEX {INDEX} ON story USING gin ({COLUMN})")


def drop(connection: Connection) -> None:
    """Leave nothing of it."""
    connection.exec_driver_sql(f"ALTER TABLE story DROP COLUMN IF EXISTS {COLUMN}")
    for name, (takes, _, _) in reversed(FUNCTIONS.items()):
        types = ", ".join(each.split()[1] for each in takes.split(", "))
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}({types})")


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with it, each fault in words."""
    bodies: dict[str, str] = dict(connection.execute(_BODIES, {"names": list(FUNCTIONS)}).all())
    for name, (_, _, body) in FUNCTIONS.items():
        if name not in bodies:
            yield f"the function {name} is missing"
        elif bodies[name].strip() != body.split("$$")[1].strip():
            yield f"the function {name} is not as newsbot makes it"
    generated = connection.execute(_GENERATED, {"name": COLUMN}).scalar_one_or_none()
    if generated is None:
        yield f"the column story.{COLUMN} is missing, or the server does not fill it"
        return
    if not connection.execute(_VALID, {"name": INDEX}).scalar_one_or_none():
        yield f"the index {INDEX} is missing or was not finished"
    if len(bodies) == len(FUNCTIONS):
        wrong = connection.exec_driver_sql(
            f"SELECT count(*) FROM story WHERE {COLUMN} IS DISTINCT FROM {_EXPRESSION}"
        ).scalar_one()
        if wrong:
            yield f"story.{COLUMN} does not hold what the stories hold: {wrong:,} differ"


_HERE = "current_schema()::regnamespace"
_BODIES = text(f"SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(:names) AND pronamespace = {_HERE}")
_GENERATED = text(
    "SELECT 1 FROM pg_attribute WHERE attrelid = 'story'::regclass AND attname = :name AND attgenerated = 's'"
)
_VALID = text(
    "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
    "WHERE indrelid = 'story'::regclass AND relname = :name"
)


# -- searching ---------------------------------------------------------------------------------------------------------


class Matching:
    """The stories that a search finds, and that are filed under what the filters say of site, author, section, tag,
    language and access. `stems` are, for a term's text, the stems that it is also found by."""

    def __init__(self, connection: Connection, search: Search | None, filters: Filters) -> None:
        self.stems: dict[str, Sequence[str]] = {}
        parts = [f"'{_escape(label)}'" for label in _labels(filters)]
        if 0 < len(filters.sites) <= _MOST_SITES:
            sites = (f"'{_escape(f'site={fit(site)}'[:250])}'" for site in filters.sites)
            parts.append(f"({_or(*sites)})")
        loose = list(parts)
        if search is not None:
            query = self._query(connection, search, filters.language)
            parts.append(query)
            loose.append(query if search.excluded else _loosened(query))
        self._match = None if "" in parts else " & ".join(parts)
        self._loose = None if "" in parts else " & ".join(loose)

    @property
    def is_read_again(self) -> bool:
        """Whether the index does not say all of it: stories have to be looked at for where in them the words are."""
        return self._match != self._loose

    def holds(self, story: FromClause) -> ColumnElement[bool]:
        """Whether it is among them."""
        return self._holds(story, self._match)

    def may_hold(self, story: FromClause) -> ColumnElement[bool]:
        """As `holds`, as far as the index says."""
        return self._holds(story, self._loose)

    @staticmethod
    def _holds(story: FromClause, match: str | None) -> ColumnElement[bool]:
        if match is None:
            return false()
        search: ColumnElement[bool] = literal_column(f"{story.name}.{COLUMN}")  # type: ignore[attr-defined]
        return search.op("@@", is_comparison=True)(cast(match, TSQUERY))

    def _query(self, connection: Connection, search: Search, language: str | None) -> str:
        terms = list(dict.fromkeys([*search.wanted, *search.excluded]))
        phrases = connection.execute(_PHRASES, {"texts": [term.text for term in terms]}).scalars().all()
        queries = {term: _query_of(term, phrase) for term, phrase in zip(terms, phrases, strict=True)}
        words = dict(zip(terms, phrases, strict=True))
        forms = [term for term in search.wanted if _has_forms(term) and len(_LEXEME.findall(words[term])) == 1]
        stems = self._stems(connection, [words[term].strip("'") for term in forms], language)
        for term in forms:
            known = stems.get(words[term].strip("'"), {})
            self.stems[term.text] = [stem for stem in known.values() if len(stem) > 2]
            queries[term] = _or(queries[term], *_with_stems(words[term].strip("'"), known))
        alternatives = [
            " & ".join(found)
            for terms in search.alternatives
            if (found := [f"({queries[term]})" for term in terms if queries[term]])
        ]
        if not alternatives:
            return ""
        without = "".join(f" & !({queries[term]})" for term in search.excluded if queries[term])
        return f"({_or(*alternatives)}){without}"

    @staticmethod
    def _stems(connection: Connection, lexemes: list[str], language: str | None) -> dict[str, dict[str, str]]:
        """Of each word, its stem by language."""
        code = language and language.lower().partition("-")[0]
        given = {"words": lexemes, "language": code, "every": list(_STEMMERS)}
        stems: defaultdict[str, dict[str, str]] = defaultdict(dict)
        if lexemes:
            for word, code, stem in connection.execute(_STEMS, given):
                stems[word][code] = stem
        return stems


def matching(connection: Connection, search: Search | None, filters: Filters) -> Matching | None:
    """What the index knows of a question; None for nothing."""
    return None if search is None and not any(_labels(filters)) else Matching(connection, search, filters)


# Of the languages that stories are in, the statistics know all but the rarest; until there are any, it may be all.
_STEMS = text("""
    WITH codes AS (
        SELECT DISTINCT split_part(language, '-', 1) AS code FROM (
            SELECT language FROM site
            UNION ALL SELECT unnest(most_common_vals::text::text[]) FROM pg_stats
                WHERE schemaname = current_schema() AND tablename = 'story' AND attname = 'language'
            UNION ALL SELECT unnest(CAST(:every AS text[])) WHERE NOT EXISTS (SELECT 1 FROM pg_stats
                WHERE schemaname = current_schema() AND tablename = 'story' AND attname = 'language')
        ) AS found WHERE CAST(:language AS text) IS NULL
        UNION SELECT CAST(:language AS text)
    )
    SELECT word, code, (ts_lexize(newsbot_stemmer(code), word))[1] AS stem
    FROM codes, unnest(CAST(:words AS text[])) AS word
    WHERE newsbot_stemmer(code) IS NOT NULL AND cardinality(ts_lexize(newsbot_stemmer(code), word)) > 0
""")
_PHRASES = text(
    "SELECT phraseto_tsquery('simple', newsbot_words(said))::text "
    "FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS given (said, place) ORDER BY place"
)
_LEXEME = re.compile(r"'(?:[^'\\]|''|\\\\)+'")
_ORDER = re.compile(r"(?<=['*ABD]) <(?:-|\d+)> (?=')")
_WEIGHT = re.compile(r"(?<='):\*?[ABD](?=[ )]|$)")
_WEIGHTS = {"title": "A", "standfirst": "B", "text": "D"}


def _query_of(term: Term, phrase: str) -> str:
    """A query for a term, of whose words `phrase` is the server's form."""
    lexemes = _LEXEME.findall(phrase)
    if not lexemes:
        return ""
    begins = ":*" if term.prefix else ""
    labels = ""
    if term.field in ("title", "standfirst"):
        labelled = [f"'{term.field}={lexeme[1:]}" for lexeme in lexemes]
        labels = " & ".join(labelled) + begins
        if len(lexemes) == 1:
            return labels
        labels += " & "
    weight = _WEIGHTS.get(term.field or "", "")
    ends = ["" for _ in lexemes[1:]] + ["*" * term.prefix]
    marks = (f":{end}{weight}" if end or weight else "" for end in ends)
    return labels + "(" + _LEXEME.sub(lambda lexeme: lexeme[0] + next(marks), phrase) + ")"


def _loosened(query: str) -> str:
    """A query for all that this one finds, and more: wherever the words are. Of one that excludes, it would be less."""
    return _ORDER.sub(" & ", _WEIGHT.sub(lambda weight: ":*" if "*" in weight[0] else "", query))


def _has_forms(term: Term) -> bool:
    return not (term.quoted or term.prefix or term.field)


def _with_stems(word: str, stems: dict[str, str]) -> Iterator[str]:
    """What finds other forms of a word: in each language the words that have its stem, and the one that is it."""
    for code, stem in stems.items():
        yield f"'{_escape(f'{code}={stem}')}'"
    languages: defaultdict[str, list[str]] = defaultdict(list)
    for code, stem in stems.items():
        if stem != word:  # which is found as it is
            languages[stem].append(f"'language={code}'")
    for stem, labels in languages.items():
        yield f"('{_escape(stem)}' & ({_or(*labels)}))"


def _or(*queries: str) -> str:
    return " | ".join(queries)


def _labels(filters: Filters) -> Iterator[str]:
    for name in ("author", "tag", "section", "language", "access"):
        value = getattr(filters, name)
        if value is not None:
            said = fit(str(value)).lower()
            yield f"{name}={said.partition('-')[0] if name == 'language' else said}"[:250]


def _escape(lexeme: str) -> str:
    return lexeme.replace("\\", "\\\\").replace("'", "''")
