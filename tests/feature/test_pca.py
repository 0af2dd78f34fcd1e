"""Principal components as features of images."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from latentia.errors import UsageError
from latentia.feature.pca import PCA


@pytest.fixture
def x():
    generator = torch.Generator().manual_seed(0)
    scales = torch.linspace(1, 3, 12).reshape(3, 2, 2)
    return scales * torch.randn(200, 3, 2, 2, generator=generator)


def test_the_features_have_the_largest_variances_of_the_reference(x):
    found = PCA(components=4).of(x)(x)
    flat = x.flatten(1).double().numpy()
    known = np.linalg.eigvalsh(np.cov(flat, rowvar=False))[::-1][:4]
    assert np.cov(found, rowvar=False) == pytest.approx(np.diag(known), abs=1e-8 * known[0])


def test_with_all_components_distances_are_those_of_the_pixels(x):
    found = PCA().of(x)(x)
    assert found.shape == (200, 12)
    assert pdist(found) == pytest.approx(pdist(x.flatten(1).double().numpy()))


def test_others_are_seen_in_the_reference_s_components(x):
    extract = PCA(components=2).of(x)
    assert extract(x + 1) - extract(x) == pytest.approx(
        np.tile(extract(x[:1] + 1) - extract(x[:1]), (200, 1)), abs=1e-5
    )
    assert extract(x).mean(0) == pytest.approx(np.zeros(2), abs=1e-10)


def test_there_are_no_more_than_the_reference_has(x):
    assert PCA().of(x[:5])(x).shape == (200, 4)


def test_what_has_no_components_is_refused(x, says):
    with pytest.raises(UsageError) as caught:
        PCA(components=0)
    says(caught.value, "At least one", "--feature.components")
    hole = x.clone()
    hole[3, 0, 0, 0] = torch.nan
    for bad in (x[:1], hole):
        with pytest.raises(UsageError) as caught:
            PCA().of(bad)
        says(caught.value, "two images or more")
