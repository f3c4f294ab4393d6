"""The network of the study of transformers: characters of Python's own help, a few blocks.

The text is that of ``pydoc_data.topics``, each paragraph once. Of every ten paragraphs one is kept
from training and judges. The network is the usual one (normalised before attention and MLP, GELU,
four times as many hidden units as channels), small enough for one core.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn import functional

WIDTH, BLOCKS, HEADS, CONTEXT = 64, 4, 4, 64
BATCH, STEPS, RATE, DROPOUT = 32, 2400, 4e-3, 0.05

Pair: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Characters (batch, context) and those that come next."""


@dataclass(frozen=True, slots=True, eq=False)
class CharacterText:
    """Characters as numbers: those to learn from, those that judge, and how many kinds."""

    learned: torch.Tensor
    judging: torch.Tensor
    kinds: int


def help_text() -> CharacterText:
    """Python's help on its topics, one paragraph of ten to judge."""
    from pydoc_data.topics import topics

    every = (part.strip("\n") for key in sorted(topics) for part in topics[key].split("\n\n"))
    parts = list(dict.fromkeys(every))
    letters = sorted(set("".join(parts)) | {"\n"})
    number = {letter: k for k, letter in enumerate(letters)}

    def coded(chosen: list[str]) -> torch.Tensor:
        return torch.tensor([number[letter] for letter in "\n\n".join(chosen)])

    judging = parts[5::10]
    learned = [part for k, part in enumerate(parts) if k % 10 != 5]
    return CharacterText(coded(learned), coded(judging), len(letters))


class Attention(nn.Module):
    """Heads that look back."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        parts = self.asked(x).reshape(batch, length, 3, HEADS, width // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        answer: torch.Tensor = self.told(seen.transpose(1, 2).reshape(batch, length, width))
        return answer


class Block(nn.Module):
    """Attention, then the MLP, each beside what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.between = nn.LayerNorm(WIDTH)
        self.mlp: nn.Module = small_mlp(4 * WIDTH)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.drop(self.attention(self.before(x)))
        answer: torch.Tensor = x + self.drop(self.mlp(self.between(x)))
        return answer


def small_mlp(hidden: int) -> nn.Module:
    return nn.Sequential(nn.Linear(WIDTH, hidden), nn.GELU(), nn.Linear(hidden, WIDTH))


class Transformer(nn.Module):
    """Characters (batch, length) to scores of the next ones (batch, length, kinds)."""

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.letters, self.places = nn.Embedding(kinds, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.last, self.scores = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, kinds)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.letters(x) + self.places.weight[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        answer: torch.Tensor = self.scores(self.last(x))
        return answer


def cross_entropy(scores: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
    """In nats a character."""
    return functional.cross_entropy(scores.flatten(0, -2), following.flatten())


def pairs(text: torch.Tensor, count: int, seed: int, batch: int = BATCH) -> Iterator[Pair]:
    """So many batches of windows, drawn."""
    draw = torch.Generator().manual_seed(seed)
    for _ in range(count):
        starts = torch.randint(len(text) - CONTEXT, (batch, 1), generator=draw)
        window = text[starts + torch.arange(CONTEXT + 1)]
        yield window[:, :-1], window[:, 1:]


def perplexity(model: nn.Module, text: torch.Tensor) -> float:
    """Of all windows of the text, one after another."""
    model.eval()
    windows = text[: len(text) // (CONTEXT + 1) * (CONTEXT + 1)].reshape(-1, CONTEXT + 1)
    total = 0.0
    with torch.no_grad():
        for part in torch.split(windows, 128):
            total += float(cross_entropy(model(part[:, :-1]), part[:, 1:])) * len(part)
    return math.exp(total / len(windows))


def trained(text: CharacterText, seed: int, folder: Path | None, steps: int) -> Transformer:
    """The network of a seed; from a file in the folder, where it was trained before."""
    torch.manual_seed(seed)
    model = Transformer(text.kinds)
    file = None if folder is None else folder / f"transformer_{seed}_{steps}.npz"
    if file is not None and file.exists():
        with np.load(file, allow_pickle=False) as known:
            model.load_state_dict({name: torch.from_numpy(known[name]) for name in known})
        return model.eval()
    start = time.perf_counter()
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=0.1
    )
    for step, (x, following) in enumerate(pairs(text.learned, steps, seed), 1):
        model.train()
        optimizer.zero_grad()
        cross_entropy(model(x), following).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % max(1, steps // 6) == 0:
            print(
                f"seed {seed}, step {step}: perplexity {perplexity(model, text.judging):.3f} "
                f"({perplexity(model, text.learned[: len(text.judging)]):.3f} learned), "
                f"{time.perf_counter() - start:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    if file is not None:
        np.savez(file, **{name: one.numpy() for name, one in model.state_dict().items()})
    return model.eval()
