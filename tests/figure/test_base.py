import dataclasses

import numpy as np

from latentia.figure.base import Subject


def test_pick_takes_each_label_in_turn(stand_in):
    subject = stand_in.digits()
    assert subject.test_y[subject.pick(20)].tolist() == [*range(10), *range(10)]
    assert len(set(subject.pick(200).tolist())) == 200


def test_pick_takes_the_first_where_there_are_no_labels(stand_in):
    subject = Subject(model=None, test_x=np.zeros((5, 2)))
    assert subject.pick(9).tolist() == [0, 1, 2, 3, 4]


def test_columns_without_a_name_are_counted():
    subject = Subject(model=None, test_x=np.zeros((5, 3)), column_names=("age",), is_image=False)
    assert subject.columns(9) == ["age", "column 2", "column 3"]


def test_long_names_of_columns_are_cut(stand_in):
    subject = dataclasses.replace(stand_in.table(), column_names=("d" * 40, "e", "f"))
    assert subject.columns(3) == ["d" * 23 + "…", "e", "f"]
