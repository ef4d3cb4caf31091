"""How likely a section answers a question, from what the two have in common.

    coverage   the share of the question's terms that the section has
    evidence   how many they are; a term in a single section counts 1
    likeness   how much the question reads like the heading, small words included (the Dice coefficient)

A term weighs its inverse document frequency, Robertson's log(1 + (N - n + 0.5) / (n + 0.5)). The weights of the three
were fitted by logistic regression to questions written for the demo's files, two in five of them not answered there;
the tests hold them to the other half of those questions.
"""

import math
from typing import NamedTuple

MOST_EVIDENCE = 2.0


class Features(NamedTuple):
    """What speaks for a section as the answer to a question."""

    coverage: float
    evidence: float
    likeness: float


WEIGHTS, BIAS = Features(coverage=5.0, evidence=3.0, likeness=3.5), -6.5


def confidence(features: Features) -> float:
    """The likelihood that a section with these features answers, 0 to 1."""
    score = sum(weight * value for weight, value in zip(WEIGHTS, features, strict=True)) + BIAS
    return 1 / (1 + math.exp(-score))


def term_weight(sections: int, having: int) -> float:
    """How much a term tells, when so many of the sections have it."""
    return math.log(1 + (sections - having + 0.5) / (having + 0.5))
