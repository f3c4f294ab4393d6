"""Sums of products as a module of torch: any leading axes, trainable constants, a few matrices."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from ..ir.product_sums import ProductSums
from .face import BlockFace
from .surrogate_module import SurrogateModule, common_kind

_LEAST = 1e-6


class ProductModule(SurrogateModule[ProductSums]):
    """Sums of products in place of a block; its constants are those of the matrices."""

    def __init__(self, sums: ProductSums, face: BlockFace, places: Sequence[int]) -> None:
        super().__init__(sums, face, places)
        self.products, self.straight = len(sums.left), sums.tail > 1
        self.sizes = (
            (2 * self.products, len(sums.inputs) + 1),
            (len(sums.outputs), self.products),
            (len(sums.outputs), sums.tail),
        )

    def numbers(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """The values (..., outputs) for tensors (..., features) side by side."""
        lead, kind = common_kind(tensors)
        parts = [one.to(kind).expand(*lead, one.shape[-1]) for one in tensors]
        x = parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
        both, weights, affine = self.matrices(self.constants.to(kind))
        if not self.products:
            return functional.linear(x, affine[:, :-1], affine[:, -1])
        left, right = functional.linear(x, both[:, :-1], both[:, -1]).chunk(2, dim=-1)
        answer = functional.linear(left * right, weights, affine[:, -1])
        return answer + functional.linear(x, affine[:, :-1]) if self.straight else answer

    def matrices(self, constants: torch.Tensor) -> list[torch.Tensor]:
        """Both factors one under the other, weights and affine part, as views of the constants."""
        parts = torch.split(constants, [rows * columns for rows, columns in self.sizes])
        return [part.reshape(size) for part, size in zip(parts, self.sizes, strict=True)]

    def scale(self) -> torch.Tensor:
        """How large a step is large for each constant: the root mean square of its matrix."""
        scales = self.constants.detach().clone()
        for part in self.matrices(scales):
            if part.numel():
                part.fill_(max(_LEAST, float(part.square().mean().sqrt())))
        return scales

    def extra_repr(self) -> str:
        outputs = self.sizes[-1][0]
        return f"{outputs} outputs, {self.products} products, {len(self.constants)} constants"
