"""The version of what a story is recognised by."""

VERSION = 2
"""Of all algorithms of this room together, to be stored beside what they made.

It goes up with every change after which the same address or text may give another `url_key`, `text_key` or
`likeness_keys`: a parameter more in the lists of `urls`, another idea of a word in `text`, other constants or hashes in
`likeness`, and also a release of Python or tldextract when its Unicode tables or suffix list are known to change them.
It is mixed into `text_key` and `likeness_keys`, so that values of two versions never match by chance; `url_key` stays
readable and does not hold it. What only judges (`likeness`, `relation`, `matches`, `trusted_canonical`) does not change
it.
"""
