"""Published rules that sort items by how much DIF they have. The cut-offs stand here only."""

from __future__ import annotations

from scipy.stats import norm

SIGNIFICANT = 0.05
DELTA_SMALL, DELTA_LARGE = 1.0, 1.5
SMD_SMALL, SMD_LARGE = 0.17, 0.25
JODOIN_GIERL = (0.035, 0.070)
ZUMBO_THOMAS = (0.13, 0.26)
ZUMBO_P = 0.01
RULES = {
    "ets_delta": (
        f"ets_delta: A if p >= {SIGNIFICANT:g} or |delta| < {DELTA_SMALL:g}; C if |delta| >= "
        f"{DELTA_LARGE:g} and significantly above {DELTA_SMALL:g} (one-sided {SIGNIFICANT:g}); "
        "else B (Zieky 1993)"
    ),
    "ets_smd": (
        f"ets_smd: AA if p >= {SIGNIFICANT:g} or |SMD / SD| <= {SMD_SMALL:g}; CC if above "
        f"{SMD_LARGE:g}; else BB"
    ),
    "jodoin_gierl": (
        f"jodoin_gierl: A if p >= {SIGNIFICANT:g} or the change of Nagelkerke's R2 is below "
        f"{JODOIN_GIERL[0]:g}; C from {JODOIN_GIERL[1]:g}; else B"
    ),
    "zumbo_thomas": (
        f"zumbo_thomas (column class_zumbo_thomas): A if p > {ZUMBO_P:g} or the change of "
        f"Nagelkerke's R2 is below {ZUMBO_THOMAS[0]:g}; C from {ZUMBO_THOMAS[1]:g}; else B"
    ),
}
"""Each rule in words, by its id."""
NEGLIGIBLE = ("A", "AA")


def ets_delta(delta: float, se: float, p: float) -> str:
    """Return ETS's class A, B or C of a difference on the delta scale.

    Source:
        Zieky M. In: Holland PW, Wainer H, editors. Differential Item Functioning. Hillsdale:
        Erlbaum, 1993:337-347. Zwick R. ETS RR-12-08, 2012.
    """
    size = abs(delta)
    if p >= SIGNIFICANT or size < DELTA_SMALL:
        return "A"
    above = (size - DELTA_SMALL) / se > float(norm.ppf(1 - SIGNIFICANT))
    return "C" if size >= DELTA_LARGE and above else "B"


def ets_smd(standardized: float, p: float) -> str:
    """Return the class AA, BB or CC of SMD / SD; p is that of Mantel's test.

    Source:
        Zwick R, Thayer DT, Mazzeo J. GRE Board Report 93-10P, ETS, 1997.
    """
    size = abs(standardized)
    if p >= SIGNIFICANT or size <= SMD_SMALL:
        return "AA"
    return "CC" if size > SMD_LARGE else "BB"


def jodoin_gierl(change: float, p: float) -> str:
    """Return the class A, B or C of a change of R2.

    Source:
        Jodoin MG, Gierl MJ. Appl Meas Educ 2001;14:329-349. doi:10.1207/S15324818AME1404_2.
    """
    return _of_change(change, p < SIGNIFICANT, JODOIN_GIERL)


def zumbo_thomas(change: float, p: float) -> str:
    """Return the class A, B or C of a change of R2 with both group terms (2 df for two groups).

    Source:
        Zumbo BD, Thomas DR. A measure of effect size for a model-based approach for studying DIF.
        Prince George: University of Northern British Columbia, 1997. Zumbo 1999 (p).
    """
    return _of_change(change, p <= ZUMBO_P, ZUMBO_THOMAS)


def _of_change(change: float, significant: bool, cuts: tuple[float, float]) -> str:
    if not significant or change < cuts[0]:
        return "A"
    return "C" if change >= cuts[1] else "B"
