from __future__ import annotations

import pytest

from tienet.base.errors import ModelError
from tienet.regression.core.formula import Term, parse_formula, parse_term


def terms(text: str) -> list[str]:
    return [str(term) for term in parse_formula(text).terms]


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
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "token", "position"),
    [
        ("y ~ x - z", "'-'", 7),
        ("y ~ log(x)", "'('", 8),
        ("y ~ x.real", "'.'", 6),
        ("y ~ x ** 2", "'*'", 8),
        ("y ~ x^3", "'^'", 6),
        ("y ~ x^20", "'^'", 6),
        ("y ~ x^2^2", "'^2'", 8),
        ("y ~ 1 + x", "'1'", 5),
        ("2y ~ x", "'2'", 1),
        ("y ~ C(x", "'('", 6),
        ("y ~ (x)", "'('", 5),
        ("y ~ x)", "')'", 6),
        ("y x", "'x'", 3),
        ("y ~ x z", "'z'", 7),
        ("y ~ + x", "'+'", 5),
        ("C(y) ~ x", "'C(y)'", 1),
        ("y ~ x ~ z", "'~'", 7),
        ("y ~ __import__('os')", "'('", 15),
    ],
)
def test_foreign_tokens_are_named(text: str, token: str, position: int) -> None:
    with pytest.raises(ModelError) as caught:
        parse_formula(text)
    message = str(caught.value)
    assert f"{token} at position {position};" in message
    assert "names, +, :, *, ^2 and C(name)" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text", ["sales growth ~ x", "y ~ total ties*z", "y ~ `total ties`*z", "y ~ x + 'a b'", "y ~ total-ties", "y ~ a%b"]
)
def test_names_that_cannot_stand_in_a_formula(text: str) -> None:
    with pytest.raises(ModelError, match="rename columns with spaces or signs in their names first"):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("y ~ log(x)", "log(...) is not supported in a formula, so add it to the data as a column first"),
        ("log(y) ~ x", "log(...) is not supported in a formula"),
        ("y ~ z + np.log(x)", "np.log(...) is not supported in a formula"),
        ("y ~ x.real", "x.real is not supported in a formula"),
        ("y ~ I(x**2)", "I(...) is not supported in a formula"),
        ("y ~ __import__('os').system('true')", "__import__(...) is not supported in a formula"),
        ("y ~ C(log(x))", "C() takes the name of one column"),
        ("y ~ C(x.y)", "C() takes the name of one column"),
    ],
)
def test_a_call_or_an_attribute_is_named_and_never_evaluated(text: str, meant: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_formula(text)
    assert str(caught.value).endswith(meant) or f"; {meant}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends too early"),
        ("y", "ends too early"),
        ("y ~", "ends too early"),
        ("y ~ x +", "ends too early"),
        ("y ~ x^2", "add x, because a square"),
        ("y ~ x + x:z", "add z, because a product"),
        ("y ~ x + z + x^2:z", "x^2:z is in the model without x^2"),
        ("y ~ x*x", "write x^2"),
        ("y ~ x:x", "write x^2"),
        ("y ~ x + y", "both sides"),
        ("y ~ x + C(x)", "everywhere or nowhere"),
        ("y ~ C(x)^2", "no square"),
    ],
)
def test_models_without_meaning(text: str, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_formula(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_formula_is_text() -> None:
    with pytest.raises(ModelError, match="must be a string, got int"):
        parse_formula(3)  # type: ignore[arg-type]


def test_printed_formula_reads_back() -> None:
    formula = parse_formula("y ~ C(r)*x + x^2*z")
    assert str(parse_formula(str(formula))) == str(formula)
    assert formula.names == ("r", "x", "z")


def test_terms_are_products_whatever_their_order() -> None:
    assert parse_term("x:z") == Term((("z", 1), ("x", 1)))
    assert hash(parse_term("x:z")) == hash(parse_term("z:x"))
    assert parse_term("x^2") != parse_term("x")
    assert parse_term("(Intercept)") == Term()
    assert str(parse_term("region[a:b]:x^2")) == "region[a:b]:x^2"
    assert parse_term("C(region):x") == parse_term("region:x")


@pytest.mark.parametrize("text", ["", "x^3", "x:", ":x", "x:x", "x^2^2", "a[b"])
def test_bad_terms(text: str) -> None:
    with pytest.raises(ModelError, match="is not a term"):
        parse_term(text)


def test_without_keeps_the_hierarchy() -> None:
    formula = parse_formula("y ~ x*z + x^2")
    assert str(formula.without([parse_term("z:x")])) == "y ~ x + z + x^2"
    with pytest.raises(ModelError, match="x:z is in the model without z"):
        formula.without([parse_term("z")])
    with pytest.raises(ModelError, match="no term 'q'"):
        formula.without([parse_term("q")])


def test_a_long_product_is_refused_at_once() -> None:
    with pytest.raises(ModelError, match="a product of 22 variables; at most 4 can be multiplied"):
        parse_formula("y ~ " + "*".join("abcdefghijklmnopqrstuv"))
