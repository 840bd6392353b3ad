"""The formula language: what is read, what is refused and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tienet.base.errors import ModelError
from tienet.regression.core.formula import Formula, FormulaColumn, Term, checked, control_text, parse_formula, parse_term


def terms(text: str) -> list[str]:
    return [str(term) for term in parse_formula(text).terms]


def refused(text: str) -> str:
    with pytest.raises(ModelError) as caught:
        parse_formula(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y ~ x", ["x"]),
        ("y~x+z", ["x", "z"]),
        ("y ~ x*z", ["x", "z", "x:z"]),
        ("y ~ x + z + z:x", ["x", "z", "z:x"]),
        ("y ~ x^2*z", ["x", "x^2", "z", "x:z", "x^2:z"]),
        ("y ~ a*b*c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ x*z + z:x + x", ["x", "z", "x:z"]),
        ("y ~ x + x^2 + C( region )*x", ["x", "x^2", "region", "region:x"]),
        ("wächst ~ größe * 年", ["größe", "年", "größe:年"]),
        ("y ~ C", ["C"]),
        ("y ~ log", ["log"]),
        ("y ~ 1 + x*z", ["x", "z", "x:z"]),
        ("y ~ x + 1", ["x"]),
        ("y ~ (x)", ["x"]),
        ("y ~ (x + z)*w", ["x", "z", "w", "x:w", "z:w"]),
        ("y ~ ((x + (z)))*(w + v)", ["x", "z", "w", "v", "x:w", "x:v", "z:w", "z:v"]),
        ("y ~ (a + b):c + a + b + c", ["a:c", "b:c", "a", "b", "c"]),
        ("y ~ log(x)*z + log(x)^2", ["log(x)", "z", "log(x):z", "log(x)^2"]),
        ("y ~ sqrt(`a b`) + np.log1p(x)", ["sqrt(a b)", "log1p(x)"]),
        ("y ~ `Tenure (years)`*x", ["Tenure (years)", "x", "Tenure (years):x"]),
        ("y ~ Q('a b') + `a:b`", ["a b", "`a:b`"]),
        ("y ~ number(x)*z", ["x", "z", "x:z"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("square", ["x^2", "x**2", "I(x**2)", "I(x^2)", "I(x*x)", "pow(x, 2)", "np.power(x, 2)", "np.square(x)"])
def test_every_spelling_of_a_square(square: str) -> None:
    assert terms(f"y ~ x*z + {square}:z + {square}") == ["x", "z", "x:z", "x^2:z", "x^2"]


@pytest.mark.parametrize("poly", ["poly(x, 2)", "poly(x, degree=2)", "poly(x, 2, raw=TRUE)"])
def test_polynomials_are_raw_squares_and_i_takes_products(poly: str) -> None:
    assert terms(f"y ~ {poly}*z") == terms("y ~ x^2*z")
    assert terms("y ~ x + z + I(x*z)") == terms("y ~ x*z")


@pytest.mark.parametrize("written", ["C(g, base='b')", "C(g, Treatment('b'))", "C(g, Treatment(reference='b'))", 'C(g,base="b")'])
def test_every_spelling_of_a_base(written: str) -> None:
    formula = parse_formula(f"y ~ x*{written} + C(g)")
    assert formula.bases == {"g": "b"}
    assert str(formula) == 'y ~ x + C(g, base="b") + x:C(g, base="b")'


@pytest.mark.parametrize(
    ("text", "token", "position"),
    [
        ("y ~ x^3", "'^'", 6),
        ("y ~ x ** 3", "'^'", 7),
        ("y ~ x^20", "'^'", 6),
        ("y ~ x^2^2", "'^'", 8),
        ("y ~ pow(x, 3)", "'3'", 12),
        ("y ~ x.real", "'x.real'", 5),
        ("2y ~ x", "'2'", 1),
        ("y ~ C(x*z)", "'*'", 8),
        ("y ~ x)", "')'", 6),
        ("y ~ ()", "')'", 6),
        ("y x", "'x'", 3),
        ("y ~ x z", "'z'", 7),
        ("y ~ + x", "'+'", 5),
        ("y ~ x ~ z", "'~'", 7),
        ("y ~ x > 2", "'>'", 7),
        ("y ~ x*2", "'2'", 7),
        ("y ~ x*z - x:z", "'-'", 9),
        ("C(y) ~ x", "'C'", 1),
        ("log(y) ~ x", "'log'", 1),
        ("y ~ __import__('os').system('true')", "'__import__'", 5),
    ],
)
def test_foreign_tokens_are_named_and_nothing_is_evaluated(text: str, token: str, position: int) -> None:
    assert f"{token} at position {position}" in refused(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y ~ x^3", "only squares"),
        ("y ~ poly(x, 3)", "only squares"),
        ("y ~ bs(x, df=4)", "only squares: write x + x^2"),
        ("y ~ (x + z)^2", "only a name can be squared"),
        ("y ~ 0 + x", "without an intercept is not offered"),
        ("y ~ x - 1", "without an intercept is not offered"),
        ("y ~ scale(`Tenure (years)`)", "write `Tenure (years)`: standardize(fit)"),
        ("y ~ x + offset(months)", "write Moderation(..., exposure='months') for counts"),
        ("y ~ center(x)*z", "write x: variables in products and squares are centred"),
        ("y ~ scale(x)*z", "standardize(fit)"),
        ("y ~ x + (1|team)", "random_intercept(formula, data, unit='team')"),
        ("y ~ x + (1 + x | team)", "random_intercept(formula, data, unit='team')"),
        ("y ~ x*z | team", "C(team)"),
        ("y ~ x*z | team", "absorb='team'"),
        ("y ~ x/z", "write x*z"),
        ("y ~ x %in% z", "write x*z"),
        ("y ~ C(g, Sum)", "C(g, base='...')"),
        ("y ~ C(g, contr.treatment(base=2))", "C(g, base='...')"),
        ("y ~ factor(g)*x", "write C(g)"),
        ("y ~ log(x + 1)", "log1p(x)"),
        ("y ~ log10(x)", "write log(x)"),
        ("y ~ log(log(x))", "log() takes the name of one column"),
        ("y ~ C(log(x))", "C() takes the name of one column"),
        ("y ~ C(x.y)", "C() takes the name of one column"),
        ("y ~ I(x + z)", "add other results to the data"),
        ("y ~ exp(x)", "exp(...) is not supported in a formula, so add it to the data as a column first"),
        ("y ~ x.real", "write `x.real` in backquotes"),
        ("y ~ .", "name the columns"),
    ],
)
def test_other_dialects_are_answered_by_name(text: str, words: str) -> None:
    assert words in refused(text)


@pytest.mark.parametrize("text", ["sales growth ~ x", "y ~ total ties*z", "y ~ x + 'a b'", "y ~ total-ties", "y ~ a%b"])
def test_odd_names_stand_in_backquotes(text: str) -> None:
    assert "in backquotes, `Tenure (years)`" in refused(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends too early"),
        ("y", "ends too early"),
        ("y ~", "ends too early"),
        ("y ~ x +", "ends too early"),
        ("y ~ C(x", "ends too early"),
        ("y ~ 1", "no term on the right"),
        ("y ~ x^2", "add x, because a square"),
        ("y ~ I(x**2)", "add x, because a square"),
        ("y ~ x + x:z", "add z, because a product"),
        ("y ~ x + z + x^2:z", "x^2:z is in the model without x^2"),
        ("y ~ x*x", "write x^2"),
        ("y ~ x:x", "write x^2"),
        ("y ~ (x + z)*(x + w)", "write x^2"),
        ("y ~ x + y", "both sides"),
        ("y ~ x + log(y)", "both sides"),
        ("y ~ x + C(x)", "everywhere or nowhere"),
        ("y ~ log(x) + C(x)", "log(x) is a number, but C(x) a category"),
        ("y ~ log(x) + `log(x)`", "rename the column"),
        ("y ~ number(x) + C(x)", "choose one"),
        ("y ~ C(g, base='a') + C(g, base='b')", "bases 'a' and 'b'"),
        ("y ~ C(x)^2", "no square"),
        ("y ~ " + "(" * 60 + "x", "more than 40 brackets"),
    ],
)
def test_models_without_meaning(text: str, words: str) -> None:
    assert words in refused(text)


def test_a_formula_is_text() -> None:
    with pytest.raises(ModelError, match="must be a string, got int"):
        parse_formula(3)  # type: ignore[arg-type]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="`\n", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=6)


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    """Formulas of any names, marks and products, with all lower-order terms."""
    names = draw(st.lists(NAMES.filter(lambda name: name == name.strip()), min_size=2, max_size=5, unique=True))
    outcome, *rest = names
    columns: dict[str, FormulaColumn] = {}
    variables = []
    for name in rest:
        kind = draw(st.sampled_from(["plain", "category", "base", "log", "number"]))
        made = {
            "category": FormulaColumn(name, category=True),
            "base": FormulaColumn(name, category=True, base=draw(st.text("ab'\"\\ ", max_size=4))),
            "log": FormulaColumn(name, "log"),
            "number": FormulaColumn(name, number=True),
        }.get(kind)
        variables.append((f"log({name})" if kind == "log" else name, kind in ("category", "base")))
        if made:
            columns[variables[-1][0]] = made
    powers = [(name, 1 if category else draw(st.integers(1, 2))) for name, category in variables]
    wholes = draw(
        st.lists(st.lists(st.sampled_from(powers), min_size=1, max_size=3, unique_by=lambda pair: pair[0]), min_size=1, max_size=3)
    )
    return checked(outcome, [part for whole in wholes for part in Term(tuple(whole)).divisors()], columns)


@given(formulas())
def test_a_printed_formula_and_its_terms_read_back(formula: Formula) -> None:
    assert parse_formula(str(formula)) == formula
    for term in formula.terms:
        assert parse_term(str(term)) == term


def test_terms_are_products_whatever_their_order() -> None:
    assert parse_term("x:z") == Term((("z", 1), ("x", 1)))
    assert hash(parse_term("x:z")) == hash(parse_term("z:x"))
    assert parse_term("x^2") != parse_term("x")
    assert parse_term("(Intercept)") == Term()
    assert str(parse_term("region[a:b]:x^2")) == "region[a:b]:x^2"
    assert parse_term("C(region):x") == parse_term("region:x")
    assert parse_term("I(np.log(x)**2)") == parse_term("log(x)^2")


@pytest.mark.parametrize("text", ["", "x^3", "x:", ":x", "x:x", "x^2^2", "a[b"])
def test_bad_terms(text: str) -> None:
    with pytest.raises(ModelError, match="is not a term"):
        parse_term(text)


def test_without_keeps_the_hierarchy() -> None:
    formula = parse_formula("y ~ x*z + x^2 + C(g, base='b') + log(w)")
    assert str(formula.without([parse_term("z:x"), parse_term("g")])) == "y ~ x + z + x^2 + log(w)"
    with pytest.raises(ModelError, match="x:z is in the model without z"):
        formula.without([parse_term("z")])
    with pytest.raises(ModelError, match="no term 'q'"):
        formula.without([parse_term("q")])


def test_a_long_product_is_refused_at_once() -> None:
    assert "a product of 22 variables; at most 4 can be multiplied" in refused("y ~ " + "*".join("abcdefghijklmnopqrstuv"))


def test_controls_are_columns_of_any_name() -> None:
    written = {
        "C( g )": "C(g)",
        "Years (all)": "`Years (all)`",
        "np.log(x)": "log(x)",
        "C(g, base='b')": 'C(g, base="b")',
        "`a b`": "`a b`",
    }
    assert {control: control_text(control) for control in written} == written
    for control, words in [("x^2", "must be one column"), ("x*z", "must be one column"), ("scale(x)", "standardize"), ("", "too early")]:
        with pytest.raises(ModelError, match=words):
            control_text(control)
