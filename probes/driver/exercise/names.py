"""What arguments are usually called, and what is then given: believable values that lead nowhere.

URLs and hosts are below `.example`, addresses in RFC 5737's. Paths are in folders that were made for this, with files that
exist; no path leads to anything that a user would miss.
"""

from __future__ import annotations

from exercise.kept import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())

MISSING = object()

_VALUES: dict[str, Any] = {}
for _names, _value in (
    ("url uri endpoint link href address_url base_url website webhook location origin referer", "https://www.shop.example/items?id=3"),
    ("host hostname server domain fqdn netloc peer remote", "www.shop.example"),
    ("ip addr ipaddr ip_address address", "192.0.2.25"),
    ("port", 8080),
    ("email mail recipient to_addr from_addr sender", "maria@mail.example"),
    ("user username login account owner author", "maria"),
    ("password passwd pwd passphrase secret pin", "correct-horse-9"),
    ("token api_key apikey access_key auth credential credentials access_token", "k3y-3f9a1c77d2"),
    ("key name field column attr attribute tag label title id identifier slug alias prop", "name"),
    ("""text string s line message msg body content html markup doc description sentence word phrase query prompt label_text""",
     "The quick brown fox"),
    ("command cmd program executable shell", "true"),
    ("code source src expr expression script template tmpl", "1 + 1"),
    ("data payload blob buf buffer raw packet chunk bytes_ contents", b"The quick brown fox\n"),
    ("""json_data obj_dict params headers options opts config conf settings kwargs attrs attributes fields mapping metadata
     meta properties props environ env cookies extra context ctx record row item_dict state""", {"name": "value"}),
    ("json json_text json_str", '{"name": "value"}'),
    ("""items values args arr array seq sequence lst list_ elements numbers rows lines iterable it xs objs objects entries
     nums points names keys words tokens tags columns""", ["1", "2", "3"]),
    ("""n num number count size length limit max_ min_ total amount depth level width height offset index idx i j k position
     pos start stop end step retries maxsize capacity page x y z a b left right low high bits version_number year month day
     hour minute""", 3),
    ("timeout delay interval seconds wait duration sleep ttl age", 0.1),
    ("encoding charset codec", "utf-8"),
    ("mode", "r"),
    ("method verb", "GET"),
    ("format fmt date_format", "%Y-%m-%d"),
    ("date", "2024-05-17"),
    ("version ver", "1.2.3"),
    ("pattern regex regexp glob", "a*"),
    ("sep separator delimiter delim", ","),
    ("language lang locale", "en"),
    ("country region", "US"),
    ("pid process_id", 4_194_300),
    ("fd fileno descriptor", 0),
    ("uid gid user_id group_id", 1000),
    ("signal signum sig", 0),
    ("flag enabled enable verbose debug force quiet recursive strict value_bool", True),
    ("package package_name module_name dist distribution", "sample"),
    ("extension ext suffix", ".txt"),
    ("status status_code", 200),
    ("algorithm algo hash_name", "sha256"),
    ("table table_name", "items"),
    ("color colour", "red"),
    ("mimetype mime_type content_type", "text/plain"),
):  # fmt: skip
    for _name in _names.split():
        _VALUES[_name] = _value

_FILES: dict[str, str] = {}
for _names, _file in (
    ("""folder dir directory dirname root_dir base_dir output_dir out_dir workdir cwd dest_dir tmpdir search_path basedir rootdir
     outdir root prefix_dir home workspace""", "."),
    ("""file path filename file_name filepath file_path fname fn_path infile input input_file input_path source_file src_path
     pathname fp log_file logfile text_file document""", "notes.txt"),
    ("csv csv_file csv_path table_file dataset", "report.csv"),
    ("json_file json_path config_file config_path settings_file conf_file", "settings.json"),
    ("yaml_file yaml_path", "settings.yaml"),
    ("ini_file ini_path", "settings.ini"),
    ("script_path script_file module_path", "script.py"),
    ("html_file html_path", "page.html"),
    ("archive zip_file zip_path zipfile archive_path", "archive.zip"),
    ("image img image_path image_file picture photo", "picture.png"),
    ("output output_file output_path outfile out out_path dest destination dst target target_path save_path", "result.txt"),
):  # fmt: skip
    for _name in _names.split():
        _FILES[_name] = _file

_ALWAYS = (
    ("is_", True),
    ("has_", True),
    ("use_", True),
    ("with_", True),
    ("num_", 3),
    ("n_", 3),
    ("max_", 3),
    ("min_", 1),
)


def value_by_name(name: str) -> Any:
    """A value for an argument of this name; MISSING where the name says nothing. Lists and dictionaries are new each time."""
    word = name.lower().strip("_")
    found = _VALUES.get(word, MISSING)
    if found is MISSING:
        found = next((value for start, value in _ALWAYS if word.startswith(start)), MISSING)
    if found is MISSING:
        found = _VALUES.get(word.rpartition("_")[2], MISSING)
    if type(found) in (list, dict):
        return found.copy()
    return found


def file_by_name(name: str) -> str:
    """The file for an argument of this name, "" for one that is none, and "." for a folder."""
    word = name.lower().strip("_")
    for one in (word, word.rpartition("_")[2]):
        if one in _FILES:
            return _FILES[one]
        if one in _VALUES:
            return ""
    return ""
