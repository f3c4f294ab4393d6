"""Texts that stay texts in a solver, and what is joined written as one."""

from __future__ import annotations

import ast

import pytest

from deepdistill.target.texts import as_texts

CASES = {
    'return "".join(text[::-1])': "return text[::-1]",
    'return "".join(sorted(text))': "return ''.join(sorted(text))",
    'return "".join([*text[1:], text[0]])': "return text[1:] + text[0]",
    'return "".join(["a", "b", *text])': "return 'ab' + text",
    'return "".join([])': "return ''",
    'return "".join(list(dict.fromkeys(text)))': "return ''.join(dict.fromkeys(text))",
    'return "".join(p for x in text for p in (["b", "b"] if x == "a" else [x, "-"]))': (
        "return ''.join(('bb' if x == 'a' else x + '-' for x in text))"
    ),
    'return "001" in "".join(text[:4])': "return '001' in text[:4]",
    'return "".join(text + ["b"])': "return text + 'b'",
    'return len(["b", text[0]] + text)': "return len('b' + text[0] + text)",
    "return text[:1] == text[-1:]": "return text[:1] == text[-1:]",
    "return text[:1] == ['a']": "return text[:1] == 'a'",
    'rest = text[1:]\nreturn "".join(rest if rest else text)': (
        "rest = text[1:]\nreturn rest if rest else text"
    ),
}
LISTS = (
    "return run(text)",
    "rest = text[1:]\nreturn rest + ['a']",
    "rest = text[1:]\nreturn run(rest)",
    "return text[1:]",
    "text = sorted(text)\nreturn text",
    "return [text, text[1:]]",
    "rest = text\nrest = sorted(rest)\nreturn rest",
)


def written(code: str) -> tuple[str, frozenset[str]]:
    statements, texts = as_texts(ast.parse(code).body, ["text"])
    return "\n".join(map(ast.unparse, statements)), texts


@pytest.mark.parametrize("code", CASES, ids=range(len(CASES)))
def test_a_text_stays_one(code: str) -> None:
    assert written(code) == (CASES[code], {"text"})


@pytest.mark.parametrize("code", LISTS, ids=range(len(LISTS)))
def test_where_a_list_of_characters_is_meant_it_is_one(code: str) -> None:
    assert written(code) == (ast.unparse(ast.parse(code)), frozenset())
