"""A codebook: the vectors that codes stand for, and how they follow what is rounded to them."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from latentia.distribution.quantized import Strayed

__all__ = ["Codebook"]

# Below every share that a code can have, so that one that is never used is divided by something.
_LEAST = 1e-12


@final
class Codebook(nn.Module):
    r"""M books of K words of D numbers: each round writes what the one before left over.

    .. math:: k_m = \arg\min_k \| r_m - w_{mk} \|^2, \quad r_{m+1} = r_m - w_{m k_m}, \quad
        r_1 = e

    Words are parameters, or they are running means of what is rounded to them:

    .. math:: n_k \leftarrow \gamma n_k + (1 - \gamma)\, \hat n_k, \quad
        w_k \leftarrow w_k + \frac{1 - \gamma}{n_k}\, \hat n_k\, (\hat r_k - w_k)

    with the share of a batch rounded to k and the mean of that share. n starts at 0, so the first
    mean is that of a batch. A word that is hardly used is put where some vector of the batch is,
    again and again until something becomes it: at first all of them, later the dead ones.

    Arguments:
        rounds: M.
        classes: K.
        width: D.
        learned: Whether words are parameters.
        decay: gamma.
        restart: The share of an equal share of use, 1/K, below which a word is put elsewhere.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning", 2017,
        appendix A.1; Razavi, van den Oord and Vinyals, "Generating diverse high-fidelity images
        with VQ-VAE-2", 2019; Dhariwal et al., "Jukebox" (restarts), 2020; Zeghidour et al.,
        "SoundStream" (rounds), 2021.
    """

    words: Tensor
    use: Tensor

    def __init__(
        self,
        rounds: int,
        classes: int,
        width: int,
        *,
        learned: bool,
        decay: float,
        restart: float,
    ) -> None:
        super().__init__()
        self.learned, self.decay, self.restart = learned, decay, restart
        words = torch.empty(rounds, classes, width).uniform_(-1 / classes, 1 / classes)
        if learned:
            self.words = nn.Parameter(words)
        else:
            self.register_buffer("words", words)
        # The running share of what is rounded that each word gets.
        self.register_buffer("use", torch.zeros(rounds, classes))

    def forward(self, encoded: Tensor) -> tuple[Tensor, Strayed]:
        """Round vectors (..., P, D) to codes (..., P, M), and say what lies between."""
        codes, rest, words = [], [encoded], []
        for book in self.words:
            code = _nearest(rest[-1].detach(), book.detach())
            word = book[code]
            codes.append(code)
            words.append(word)
            rest.append(rest[-1] - word.detach())
        strayed = Strayed(torch.stack(rest[:-1], -2), torch.stack(words, -2), self.learned)
        return torch.stack(codes, -1), strayed

    def embedded(self, z: Tensor) -> Tensor:
        """Return the sums of the words that codes stand for, (..., P, D), of z (..., P, M, K).

        Words learn from what is rounded to them alone, not from what is decoded of them.
        """
        return torch.einsum("...pmk,mkd->...pd", z, self.words.detach())

    @torch.no_grad()
    def adapt(self, codes: Tensor, rest: Tensor) -> None:
        """Let the words follow what a batch was rounded from, and put dead ones elsewhere.

        Arguments:
            codes: What it was rounded to, (..., P, M).
            rest: What each round was given, (..., P, M, D).
        """
        rounds = zip(self.words, self.use, codes.unbind(-1), rest.unbind(-2), strict=True)
        with torch.autocast(rest.device.type, enabled=False):
            for book, use, code, given in rounds:
                self._follow(book, use, code.flatten(), given.flatten(0, -2).to(book.dtype))

    def _follow(self, book: Tensor, use: Tensor, code: Tensor, rest: Tensor) -> None:
        """Change one book (K, D) and its use (K,) by codes (n,) of vectors (n, D), in place."""
        classes = len(book)
        hits = (code[:, None] == torch.arange(classes, device=code.device)).to(rest.dtype)
        share = hits.mean(0)
        new_use = self.decay * use + (1 - self.decay) * share
        new = book.detach()
        if not self.learned:
            gain = (1 - self.decay) / new_use.clamp_min(_LEAST)
            new = new + gain[:, None] * (hits.T @ rest / len(rest) - share[:, None] * new)
        dead = new_use * classes < self.restart
        drawn = torch.randint(len(rest), (classes,), device=rest.device)
        new = torch.where(dead[:, None], rest[drawn], new)
        # Barely alive: it follows fast, and is put elsewhere again unless something becomes it.
        new_use = torch.where(dead, torch.full_like(use, self.restart / classes), new_use)
        # A step whose numbers are none is not taken by the optimizer, nor here.
        sound = rest.isfinite().all()
        book.copy_(torch.where(sound, new, book))
        use.copy_(torch.where(sound, new_use, use))


def _nearest(vectors: Tensor, book: Tensor) -> Tensor:
    """Return which word (K, D) is nearest to each vector (..., D), (...)."""
    # With products of bfloat16 it would often be another.
    with torch.autocast(vectors.device.type, enabled=False):
        return (0.5 * book.square().sum(-1) - vectors @ book.T).argmin(-1)
