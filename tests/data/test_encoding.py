"""Tables in the encodings of Korea, Japan, China and the West are told apart."""

import gzip

import pytest

from latentia.data import load
from latentia.data._encoding import guess

TEXTS = {
    "cp949": [
        "키,몸무게\n1,2\n",
        "이름,도시\n김철수,서울\n",
        "연도,매출액(원)\n",
        "키cm,몸무게kg\n",
    ],
    "shift_jis": ["身長,体重\n1,2\n", "名前,年齢,性別\n", "ひらがな,カタカナ\n", "東京,大阪\n"],
    "gb18030": ["身高,体重\n1,2\n", "姓名,年龄\n张三,1\n", "城市,人口\n北京,1\n上海,2\n"],
    "latin1": [
        "größe,höhe\n",
        "température,été\n",
        "año,niño\n",
        "a,b\n1,é\n",
        "°C,µm\n",
        "straße,maß\n",
    ],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts]
)
def test_the_script_tells_the_encoding(encoding, text):
    assert guess(text.encode(encoding)) == encoding


def test_euc_kr_is_read_as_cp949():
    assert guess("가나다,라마바\n".encode("euc_kr")) == "cp949"


@pytest.mark.parametrize("name", ["표 1.csv", "표 1.csv.gz"])
def test_the_mend_is_a_command_that_works(name, tmp_path, refused):
    content = "키,몸무게\n".encode("cp949") + b"1,2\n" * 12
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    mend = "iconv -f cp949 -t utf-8 '표 1.csv' > '표 1-utf8.csv'"
    with refused("looks like cp949, in which it says '키,몸무게'", name, mend):
        load(tmp_path / name)


def test_late_cells_are_found_too(tmp_path, refused):
    rows = [f"{i % 7},{i % 5}.5,a" for i in range(500)] + ["1,2,서울"]
    (tmp_path / "t.csv").write_bytes("\n".join(["a,b,c", *rows]).encode("cp949"))
    with refused("looks like cp949, in which it says '1,2,서울'", "t.csv", "iconv"):
        load(tmp_path / "t.csv")
