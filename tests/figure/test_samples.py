import dataclasses

import numpy as np

from latentia import figure


def test_means_are_called_means_and_the_seed_is_told(stand_in, image_of):
    subject = stand_in.digits()
    drawn = figure.draw("samples", subject, rows=3, columns=4, seed=5)
    image = image_of(drawn.axes[0])
    assert image.shape == (3 * 8 + 2, 4 * 8 + 3)
    expected = np.clip(subject.model.sample_mean(12, random_state=5), 0, 1)
    assert np.allclose(image[18:, 27:], expected[-1])
    note = drawn.get_supxlabel().replace("\n", " ")
    assert "Means E[x|z]" in note and "seed 5" in note


def test_draws_on_request(stand_in, image_of):
    drawn = figure.draw("samples", stand_in.digits(), draws=True)
    means = image_of(figure.draw("samples", stand_in.digits()).axes[0])
    assert "Draws from p(x|z)" in drawn.get_supxlabel()
    assert not np.allclose(image_of(drawn.axes[0]), means)


def test_a_table_shows_the_data_beside_the_samples(stand_in):
    drawn = figure.draw("samples", stand_in.table())
    assert len(drawn.axes) == 4
    assert [t.get_text() for t in drawn.legends[0].get_texts()] == ["held-out data", "samples"]
    bars = drawn.axes[0].containers[0] if drawn.axes[0].containers else drawn.axes[0].patches[:-1]
    area = sum(bar.get_width() * bar.get_height() for bar in bars)
    assert np.isclose(area, 1.0, atol=0.02)  # a density


def test_a_decoder_without_a_mean_is_shown_by_draws(stand_in, image_of):
    subject = dataclasses.replace(stand_in.digits(), has_mean=False, shows=("Draws", "x ~ p(x|z)"))
    drawn = figure.draw("samples", subject)
    assert "Draws from p(x|z)" in drawn.get_supxlabel()
    expected = image_of(figure.draw("samples", stand_in.digits(), draws=True).axes[0])
    assert np.allclose(image_of(drawn.axes[0]), expected)
