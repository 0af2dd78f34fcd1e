"""A codebook: what is rounded to what, and how words follow."""

import pytest
import torch

from latentia.posterior._codebook import Codebook

PLAIN = {"learned": False, "decay": 0.9, "restart": 0.0}


def of(rounds=1, classes=5, width=3, **options):
    torch.manual_seed(0)
    return Codebook(rounds, classes, width, **(PLAIN | options)).double()


def spread(book, seed=1):
    """Put the words where they are apart."""
    torch.manual_seed(seed)
    with torch.no_grad():
        book.words.copy_(torch.randn(book.words.shape))
    return book


def test_every_vector_becomes_the_nearest_word():
    book, e = spread(of()), torch.randn(40, 2, 3).double()
    codes, strayed = book(e)
    nearest = torch.cdist(e.reshape(-1, 3), book.words[0]).argmin(-1).view(40, 2)
    assert torch.equal(codes[..., 0], nearest) and len(nearest.unique()) > 2
    assert torch.equal(strayed.words[..., 0, :], book.words[0][nearest])
    assert torch.equal(strayed.rest[..., 0, :], e)


def test_each_round_writes_what_is_left_and_they_add_up():
    book, e = spread(of(rounds=3)), torch.randn(40, 2, 3).double()
    codes, strayed = book(e)
    z = torch.eye(5).double()[codes]
    rest = e
    for m in range(3):
        torch.testing.assert_close(strayed.rest[..., m, :], rest)
        rest = rest - book.words[m][codes[..., m]]
    torch.testing.assert_close(book.embedded(z) + rest, e)


def test_words_are_running_means_of_what_is_rounded_to_them():
    """N and m of the paper, from nothing: w = m / N after every batch."""
    book = spread(of())
    count, total = torch.zeros(5).double(), torch.zeros(5, 3).double()
    for batch in range(6):
        torch.manual_seed(10 + batch)
        e = torch.randn(60, 2, 3).double()
        codes, strayed = book(e)
        book.adapt(codes, strayed.rest)
        hits = torch.eye(5).double()[codes.flatten()]
        count = 0.9 * count + 0.1 * hits.mean(0)
        total = 0.9 * total + 0.1 * hits.T @ e.flatten(0, 1) / len(hits)
        assert (count > 0).all()
        torch.testing.assert_close(book.use[0], count)
        torch.testing.assert_close(book.words[0], total / count[:, None])


def test_a_word_that_nothing_becomes_stays_or_is_put_where_something_is():
    for restart in (0.0, 0.5):
        book = spread(of(restart=restart))
        with torch.no_grad():
            book.words[0, 4] = 100.0
            book.use.fill_(0.2)
            book.use[0, 4] = 0.01
        e = torch.randn(60, 1, 3).double()
        before = book.words.clone()
        codes, strayed = book(e)
        book.adapt(codes, strayed.rest)
        moved = (book.words != before).any(-1)[0]
        assert moved[:4].all() and moved[4] == bool(restart)
        if restart:
            assert (book.words[0, 4] == e.flatten(0, 1)).all(-1).any()
            assert book.use[0, 4] == 0.5 / 5


def test_at_first_all_words_are_put_where_something_is():
    book, e = of(classes=8, restart=0.1, decay=0.99), torch.randn(300, 2, 3).double()
    for _ in range(2):
        codes, strayed = book(e)
        book.adapt(codes, strayed.rest)
    codes, strayed = book(e)
    assert len(codes.unique()) == 8
    assert strayed.commitment.mean() < 0.6 * e.square().sum((-1, -2)).mean()


@pytest.mark.parametrize("learned", [False, True])
def test_a_batch_that_is_no_number_changes_nothing(learned):
    book = spread(of(restart=0.1, learned=learned))
    before = {name: value.clone() for name, value in book.state_dict().items()}
    e = torch.randn(60, 2, 3).double()
    e[3, 0, 1] = torch.nan
    codes, strayed = book(e)
    book.adapt(codes, strayed.rest)
    assert all(torch.equal(value, before[name]) for name, value in book.state_dict().items())


def test_learned_words_move_by_a_gradient_alone_and_not_by_what_is_decoded_of_them():
    book, e = spread(of(learned=True)), torch.randn(60, 2, 3).double()
    codes, strayed = book(e)
    before = book.words.detach().clone()
    book.adapt(codes, strayed.rest)
    assert torch.equal(book.words, before)
    assert not book.embedded(torch.eye(5).double()[codes]).requires_grad
    (slope,) = torch.autograd.grad(strayed.codebook.sum(), book.words)
    hits = torch.eye(5).double()[codes.flatten()]
    pull = hits.sum(0)[:, None] * before[0] - hits.T @ e.flatten(0, 1)
    torch.testing.assert_close(slope[0], 2 * pull)
