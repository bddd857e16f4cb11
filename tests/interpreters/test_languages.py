import pytest

from bot.interpreters.languages import Fit, speaks


@pytest.mark.parametrize(
    ("needed", "offered", "fit"),
    [
        ("ckb", {"ckb"}, Fit.EXACT),
        ("pa-Arab", {"pa-Guru"}, Fit.ALIKE),
        ("pa-Guru", {"pa-Arab", "ur"}, Fit.ALIKE),
        ("prs", {"fa"}, Fit.ALIKE),
        ("fa", {"prs"}, Fit.ALIKE),
        ("fa", {"prs", "fa"}, Fit.EXACT),
        ("ckb", {"kmr"}, Fit.NO),
        ("kmr", {"ckb", "ar", "fa"}, Fit.NO),
        ("syl", {"bn"}, Fit.NO),
        ("bn", {"syl"}, Fit.NO),
        ("phr", {"pa-Arab", "ur"}, Fit.NO),
        ("phr", {"phr"}, Fit.EXACT),
        ("hnd", {"pa-Arab"}, Fit.NO),
        ("zh-Hans", {"cmn", "yue"}, Fit.NO),
        ("zh-Hans", {"zh-Hant"}, Fit.NO),
        ("cmn", {"zh-Hans"}, Fit.NO),
        ("yue", {"yue"}, Fit.EXACT),
        ("ur", set(), Fit.NO),
    ],
)
def test_an_interpreter_speaks_what_they_are_registered_for(needed: str, offered: set[str], fit: Fit) -> None:
    assert speaks(needed, offered) is fit
