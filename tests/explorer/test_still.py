"""What nobody trains any more."""

import latentia as lt
from latentia.explorer.memory import subject_of
from latentia.explorer.still import Still


def test_its_rows_are_all_there_and_it_is_over(inked):
    vae = lt.VAE(2, network="linear", max_epochs=2, random_state=0).fit(inked)
    still = Still(subject_of(vae).run)
    assert still.rows().rows == vae.history_ and len(still.rows().rows) == 4
    assert still.rows().life == still.rows().life == 0
    assert still.standing() == {"state": "over"}
