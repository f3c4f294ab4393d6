"""Formula → mathematical notation: one walk, and a table of layouts for LaTeX and one for MathML.

The structure that was found is shown as it stands. MathML Core is what browsers show without any
script.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import compile as pattern

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.levels import indicated
from ..ir.program import Formula

_TRUTH, _SUM, _PRODUCT, _POWER, _ATOM = range(5)  # how tightly a text holds together

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "omicron", "pi", "rho", "final sigma", "sigma", "tau", "upsilon", "phi",
    "chi", "psi", "omega",
)  # fmt: skip
_SYMBOL = pattern(rf"([a-z]|{'|'.join(_GREEK)})(?:_?(\d+))?")
_NUMBERS = ("pi", "e")  # no variable looks like these


def formula_latex(formula: Formula) -> str:
    """The result's equation, after those of its named parts, one a line of an alignment.

    Raises ``ValueError`` for what no formula of numbers holds.
    """
    pairs = _equations(formula, _LATEX)
    if len(pairs) == 1:
        return " = ".join(*pairs)
    lines = r" \\ ".join(" &= ".join(pair) for pair in pairs)
    return rf"\begin{{aligned}}{lines}\end{{aligned}}"


def formula_mathml(formula: Formula) -> list[str]:
    """An equation for each named part, then that of the result.

    Raises ``ValueError`` for what no formula of numbers holds.
    """
    return [
        f'<math display="block"><mrow>{name}<mo>=</mo>{value}</mrow></math>'
        for name, value in _equations(formula, _MATHML)
    ]


def _equations(formula: Formula, table: _Table) -> list[tuple[str, str]]:
    formula = indicated(formula)
    pairs = [*((let.name, let.value) for let in formula.body), (formula.output.name, formula.value)]
    return [(table.name(name), table.of(value).text) for name, value in pairs]


@dataclass(frozen=True, slots=True)
class _Written:
    """A text, how tightly it holds together, and what follows the minus that it begins with."""

    text: str
    tight: int = _ATOM
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """How a notation lays out each operation and the parts of a text.

    ``symbol`` writes a letter, a Greek one by its English name, ``word`` any other name.
    """

    symbol: Callable[[str], str]
    word: Callable[[str], str]
    layouts: Mapping[str, str]

    def put(self, layout: str, *parts: str) -> str:
        return self.layouts[layout].format(*parts)

    def name(self, name: str) -> str:
        """A letter, also a Greek one, with a number beneath it, or a whole word."""
        if (match := _SYMBOL.fullmatch(name)) is None or name in _NUMBERS:
            return self.word(name)
        letter, number = match.groups()
        return self.put("below", self.symbol(letter), number) if number else self.symbol(letter)

    def of(self, expr: Expr) -> _Written:
        match expr:
            case Const(int() | float() as value):
                return self.number(repr(value))
            case Var(name):
                return _Written(self.name(name))
            case If():
                return _Written(self.cases(expr))
            case Call(op, args):
                return self.operation(op, args, [self.of(arg) for arg in args])
            case _:
                raise ValueError(f"no formula of numbers: {expr}")

    def operation(self, op: str, args: Sequence[Expr], parts: Sequence[_Written]) -> _Written:
        texts = [part.text for part in parts]
        match op:
            case "add":
                return self.total(parts[0], parts[1:])
            case "sub":
                return self.total(parts[0], [_Written("", _SUM, self.within(parts[1], _PRODUCT))])
            case "mul" if args[0] == Const(-1):
                product = self.product(parts[1:])
                alone = product if len(parts) > 2 else self.within(parts[1], _PRODUCT)
                return _Written(self.put("negative", product), _SUM, alone)
            case "mul" if isinstance(args[0], Const) and (first := parts[0].positive) is not None:
                begun = [_Written(text, _PRODUCT) for text in (texts[0], first)]
                product, positive = (self.product([one, *parts[1:]]) for one in begun)
                return _Written(product, _SUM, positive)
            case "mul":
                return _Written(self.product(parts), _PRODUCT)
            case "div":
                return _Written(self.put(op, *texts), _PRODUCT)
            case "pow" | "power":
                base = self.within(parts[0], _ATOM)
                return _Written(self.put("power", base, texts[1]), _POWER)
            case "exp":
                return _Written(self.put(op, *texts), _POWER)
            case "pi" | "e" | "sqrt" | "abs":
                return _Written(self.put(op, *texts))
            case "log" | "sin" | "cos" | "tan" | "tanh" | "max" | "min":
                return _Written(self.put("named", op, self.put("comma").join(texts)), _POWER)
            case "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "between":
                return _Written(self.put(op, *(self.within(part, _SUM) for part in parts)), _TRUTH)
            case "and" | "or":
                joined = self.put(op).join(self.put("brackets", text) for text in texts)
                return _Written(self.put("row", joined), _TRUTH)
            case _:
                raise ValueError(f"no formula of numbers: {Call(op, tuple(args))}")

    def within(self, part: _Written, least: int) -> str:
        """The text, in parentheses where it does not hold together enough."""
        return part.text if part.tight >= least else self.put("brackets", part.text)

    def total(self, first: _Written, rest: Iterable[_Written]) -> _Written:
        """Terms one after the other, the minus of one in place of the plus."""
        terms = ""
        for part in rest:
            sign, text = "plus", self.within(part, _SUM)
            if part.positive is not None:
                sign, text = "minus", part.positive
            terms += self.put(sign) + text
        positive = None if first.positive is None else self.put("row", first.positive + terms)
        return _Written(self.put("row", self.within(first, _SUM) + terms), _SUM, positive)

    def product(self, factors: Sequence[_Written]) -> str:
        text, *rest = (self.within(factor, _PRODUCT) for factor in factors)
        for one in rest:
            text += self.put("dot" if one[0].isdigit() else "times") + one
        return self.put("row", text)

    def number(self, text: str) -> _Written:
        digits, _, power = text.removeprefix("-").partition("e")
        written = self.put("digits", digits)
        if power:
            written = self.put("scientific", written, str(int(power)))
        if text[0] == "-":
            return _Written(self.put("negative", written), _SUM, written)
        return _Written(written, _PRODUCT if power else _ATOM)

    def cases(self, expr: Expr) -> str:
        lines = []
        while isinstance(expr, If):
            lines.append(self.put("case", self.of(expr.then).text, self.of(expr.condition).text))
            expr = expr.otherwise
        lines.append(self.put("otherwise", self.of(expr).text))
        return self.put("cases", self.put("next").join(lines))


def _latex_symbol(letter: str) -> str:
    if letter == "omicron":  # LaTeX has none
        return r"\mathrm{omicron}"
    return letter if len(letter) == 1 else rf"\{letter}"


def _latex_word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


_LATEX = _Table(
    _latex_symbol,
    _latex_word,
    {
        "below": "{}_{{{}}}", "digits": "{}", "scientific": r"{} \cdot 10^{{{}}}",
        "negative": "-{}", "brackets": r"\left({}\right)", "row": "{}", "comma": ", ",
        "plus": " + ", "minus": " - ", "times": r" \, ", "dot": r" \cdot ",
        "div": r"\frac{{{}}}{{{}}}", "power": "{}^{{{}}}", "exp": "e^{{{}}}",
        "sqrt": r"\sqrt{{{}}}", "abs": r"\left|{}\right|", "named": r"\{}\left({}\right)",
        "pi": r"\pi", "e": "e",
        "eq": "{} = {}", "ne": r"{} \neq {}", "lt": "{} < {}", "le": r"{} \le {}",
        "gt": "{} > {}", "ge": r"{} \ge {}", "between": r"{} \le {} \le {}",
        "and": r" \wedge ", "or": r" \vee ",
        "case": r"{} & \text{{if }} {}", "otherwise": r"{} & \text{{otherwise}}", "next": r" \\ ",
        "cases": r"\begin{{cases}}{}\end{{cases}}",
    },
)  # fmt: skip


def _mathml_symbol(letter: str) -> str:
    return f"<mi>{chr(0x3B1 + _GREEK.index(letter)) if letter in _GREEK else letter}</mi>"


def _mathml_word(name: str) -> str:
    upright = ' mathvariant="normal"' if name == "e" else ""  # as longer names are
    return f"<mi{upright}>{html.escape(name)}</mi>"


_CELL = '<mtd style="text-align:left">{}</mtd>'
_IF = _CELL.format('<mrow><mtext>if</mtext><mspace width="0.5em"/>{}</mrow>')
_OTHERWISE = _CELL.format("<mtext>otherwise</mtext>")

_MATHML = _Table(
    _mathml_symbol,
    _mathml_word,
    {
        "below": "<msub>{}<mn>{}</mn></msub>", "digits": "<mn>{}</mn>",
        "scientific": "<mrow>{}<mo>·</mo><msup><mn>10</mn><mn>{}</mn></msup></mrow>",
        "negative": "<mrow><mo>−</mo>{}</mrow>", "row": "<mrow>{}</mrow>",
        "brackets": "<mrow><mo>(</mo>{}<mo>)</mo></mrow>", "comma": "<mo>,</mo>",
        "plus": "<mo>+</mo>", "minus": "<mo>−</mo>", "times": "<mo>·</mo>", "dot": "<mo>·</mo>",
        "div": "<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>",
        "power": "<msup><mrow>{}</mrow><mrow>{}</mrow></msup>",
        "exp": "<msup><mi>e</mi><mrow>{}</mrow></msup>", "sqrt": "<msqrt>{}</msqrt>",
        "abs": "<mrow><mo>|</mo>{}<mo>|</mo></mrow>",
        "named": "<mrow><mi>{}</mi><mo>(</mo>{}<mo>)</mo></mrow>",
        "pi": "<mi>π</mi>", "e": "<mi>e</mi>",
        "eq": "<mrow>{}<mo>=</mo>{}</mrow>", "ne": "<mrow>{}<mo>≠</mo>{}</mrow>",
        "lt": "<mrow>{}<mo>&lt;</mo>{}</mrow>", "le": "<mrow>{}<mo>≤</mo>{}</mrow>",
        "gt": "<mrow>{}<mo>&gt;</mo>{}</mrow>", "ge": "<mrow>{}<mo>≥</mo>{}</mrow>",
        "between": "<mrow>{}<mo>≤</mo>{}<mo>≤</mo>{}</mrow>", "and": "<mo>∧</mo>",
        "or": "<mo>∨</mo>",
        "case": f"<mtr>{_CELL}{_IF}</mtr>", "otherwise": f"<mtr>{_CELL}{_OTHERWISE}</mtr>",
        "next": "",
        "cases": "<mrow><mo>{{</mo><mtable>{}</mtable></mrow>",
    },
)  # fmt: skip
