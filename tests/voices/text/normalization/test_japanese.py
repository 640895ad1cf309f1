"""Japanese."""

from .cases import by_kind, check

JAPANESE = {
    "cardinal": {
        "２０個": "二十個",
        "12,345": "一万二千三百四十五",
    },
    "time": {
        "14:30に": "十四時三十分に",
    },
    "percent": {
        "50%": "五十パーセント",
    },
    "money": {
        "¥1,000、5億円": "千円、五億円",
    },
    "decimal": {
        "3.14": "三点一四",
    },
    "telephone": {
        "090-1234-5678": "ゼロ九ゼロ、一二三四、五六七八",
    },
    "date": {
        "2026-11-24、2026年11月25日": "二千二十六年十一月二十四日、二千二十六年十一月二十五日",
    },
    "range": {
        "10~20人、10-20": "十から二十人、十から二十",
    },
    "fraction": {
        "1/2": "二分の一",
    },
    "quantity": {
        "5 km、10 kg、-5℃": "五キロメートル、十キログラム、マイナス五度",
    },
    "score": {
        "3:2": "三対二",
    },
    "mathematics": {
        "5 + 3 = 8": "五プラス三イコール八",
    },
    "version": {
        "2.0.1": "二点ゼロ点一",
    },
}


@by_kind(JAPANESE)
def test_japanese(written, said):
    check(written, said, "ja")
