"""Whether units are split over arms as the weights say, for those who look whenever they like.

Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022 (arXiv
2011.03567): the Bayes factor of a Dirichlet prior around the declared shares against these shares
themselves. It is a martingale where the shares are right, so 1 in 100 sound experiments at most
ever reaches 100, however often one looks (Ville's inequality). Factors of periods with other
weights are multiplied; a unit counts once, in the first period that it is seen in, because the arms
that it has in two periods are not independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma, log

FAULT = 100.0
"""The Bayes factor from which on the split is a fault."""
PRIOR = 1_000.0
"""How many units the prior is worth: at equal shares it expects faults of some .016."""


@dataclass(frozen=True)
class SampleRatio:
    """What became of the split.

    Attributes:
        units: Units by arm.
        expected: What the weights make of as many units, by arm.
        log_factor: The logarithm of the Bayes factor against the weights.
    """

    units: Mapping[str, int]
    expected: Mapping[str, float]
    log_factor: float

    @property
    def is_fault(self) -> bool:
        """Whether the units are not split as the weights say."""
        return self.log_factor >= log(FAULT)

    @property
    def p_value(self) -> float:
        """A p-value that holds at every look: 1 over the largest factor is at most this."""
        return min(1.0, exp(-self.log_factor))

    @property
    def told(self) -> str:
        """The split, for people."""
        found = ", ".join(
            f"{arm} {n:,} (expected {self.expected[arm]:,.0f})" for arm, n in self.units.items()
        )
        return f"{found}; p = {self.p_value:.2g} at every look"


def sample_ratio(
    units: Mapping[str, Mapping[str, int]], weights: Mapping[str, Mapping[str, float]]
) -> SampleRatio:
    """Compare units by arm with weights.

    Args:
        units: By period, the number of units by arm, of those first seen in it.
        weights: By period, the weight of every arm that answered; periods without are left out.
    """
    factor, found, expected = 0.0, dict[str, int](), dict[str, float]()
    for period, by_arm in units.items():
        if period not in weights:
            continue
        shares = {arm: w / sum(weights[period].values()) for arm, w in weights[period].items()}
        counts = {arm: by_arm.get(arm, 0) for arm in shares}
        factor += log_bayes_factor(list(counts.values()), list(shares.values()))
        total = sum(counts.values())
        for arm, share in shares.items():
            found[arm] = found.get(arm, 0) + counts[arm]
            expected[arm] = expected.get(arm, 0.0) + share * total
    return SampleRatio(found, expected, factor)


def log_bayes_factor(counts: list[int], shares: list[float]) -> float:
    """Of a Dirichlet prior with its mean at `shares` against `shares` themselves."""
    found = lgamma(PRIOR) - lgamma(PRIOR + sum(counts))
    for count, share in zip(counts, shares, strict=True):
        found += lgamma(PRIOR * share + count) - lgamma(PRIOR * share) - count * log(share)
    return found
