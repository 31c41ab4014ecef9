//! What authors of standards work with, as somebody types it.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use doorstep::standard::FileKind;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn doorstep(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    let run = command.arg("standard").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

fn shipped(name: &str) -> String {
    format!("{ROOT}/standards/{name}.toml")
}

fn shipped_text(name: &str) -> String {
    std::fs::read_to_string(shipped(name)).unwrap()
}

/// A file of a test, gone when it ends.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Temp {
        let path =
            std::env::temp_dir().join(format!("doorstep-standard-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Temp(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const SHIPPED: [&str; 10] = [
    "repair",
    "installation",
    "inspection",
    "meter_reading",
    "delivery",
    "call_back",
    "profile-guangdong",
    "price-list",
    "service-promises",
    "calendar",
];

#[test]
fn everything_that_ships_passes_the_strict_check() {
    let files: Vec<String> = SHIPPED.iter().map(|name| shipped(name)).collect();
    let mut arguments = vec!["check", "--strict", "--json"];
    arguments.extend(files.iter().map(String::as_str));
    let (code, out, err) = doorstep(&arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told.as_array().unwrap().len(), SHIPPED.len());
    for file in told.as_array().unwrap() {
        assert_eq!(
            (&file["ok"], &file["remarks"]),
            (&true.into(), &Value::Array(vec![])),
            "{file}"
        );
    }
}

/// How Señor Ruiz wrote down a lift inspection for another country: two other languages, a
/// Windows editor, and several slips.
const LIFT: &str = "id = \"ascensor\"\n\
version = 0\n\
visit = \"inspeccion\"\n\
title = { es = \"Inspección de ascensores\", de = \"Aufzugsprüfung\" }\n\
languages = [\"es\", \"de\"]\n\
mandatory_from = \"2026-12-01\"\n\
\n\
[[phase]]\n\
id = \"foso\"\n\
title = { es = \"Foso\", de = \"Grube\" }\n\
\n\
[[phase.step]]\n\
id = \"luz\"\n\
kind = \"done\"\n\
\ttitle = { es = \"Luz\", de = \"Licht\" }\n\
relevant = \"step.agua.value == 'seco'\"\n\
\n\
[[phase.step]]\n\
id = \"luz\"\n\
kind = \"count\"\n\
titulo = { es = \"Cable\" }\n\
constraint = \"value > 3\"\n\
\n\
[[phase.step]]\n\
id = \"cable\"\n\
kind = \"count\"\n\
title = { es = \"Cable\", de = \"Seil\" }\n\
constraint = \"value > 3 && value < 2\"\n\
\n\
[[outcome]]\n\
id = \"completed\"\n\
title = { es = \"Hecho\", de = \"Fertig\" }\n\
phases = [\"pozo\"]\n";

#[test]
fn a_file_of_another_trade_and_country_is_told_all_of_its_mistakes_at_once() {
    let windows = format!("\u{feff}{}", LIFT.replace('\n', "\r\n"));
    let file = Temp::new("ascensor.toml", windows);
    let (code, out, err) = doorstep(&["check", "--json", file.path()]);
    assert_eq!((code, err.as_str()), (1, ""));
    let told: Value = serde_json::from_str(&out).unwrap();
    let remarks: Vec<(u64, &str)> = told[0]["remarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["line"].as_u64().unwrap(), it["message"].as_str().unwrap()))
        .collect();
    for (line, words) in [
        (2, "version is 0"),
        (3, "unknown visit `inspeccion`"),
        (4, "missing in zh-Hans, zh-Hant, en; it has"),
        (5, "unknown languages `es`"),
        (16, "unknown step `agua`"),
        (18, "`title` is missing"),
        (19, "there is already a step `luz`, in line 13"),
        (21, "unknown key `titulo`"),
        (22, "needs a `message`"),
        (28, "no answer to step `cable` can keep"),
        (33, "unknown phase `pozo`"),
    ] {
        let found = remarks.iter().any(|(at, told)| *at == line && told.contains(words));
        assert!(found, "{line} {words}: {remarks:#?}");
    }
}

#[test]
fn a_warning_refuses_only_where_one_is_strict() {
    let whole = shipped_text("repair");
    let (before, step) = whole.split_at(whole.find("id = \"kit\"").unwrap());
    let text = format!("{before}{}", step.replacen("source = ", "# source = ", 1));
    let file = Temp::new("no-source.toml", text);
    let (code, out, err) = doorstep(&["check", file.path()]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("warning: step `kit` doesn't say its `source`"), "{err}");
    let (code, out, _) = doorstep(&["check", "--strict", file.path(), &shipped("call_back")]);
    assert!(code == 1 && out.contains("refused") && out.contains("gz-call-back"), "{out}");
}

#[test]
fn what_is_no_text_or_too_long_is_refused_with_what_to_do() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("id".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut latin = b"id = \"x\"\n# Se".to_vec();
    latin.extend([0xf1, b'o', b'r']);
    let long = format!("{}\n", "#".repeat(300 * 1024));
    let huge = vec![b'#'; 3 * 1024 * 1024];
    for (name, content, told) in [
        ("utf16.toml", utf16, ":1:1: error: the file is UTF-16: save it as UTF-8"),
        ("latin.toml", latin, ":2:5: error: a byte that is no UTF-8"),
        ("long.toml", long.into_bytes(), "at most 262144 are read"),
        ("huge.toml", huge, "more than 1048576 bytes"),
    ] {
        let file = Temp::new(name, content);
        let (code, _, err) = doorstep(&["check", file.path()]);
        assert!(code == 1 && err.contains(told), "{err}");
    }
    let (code, _, err) = doorstep(&["check", "/nowhere/standard.toml"]);
    assert!(code == 1 && err.contains("can't be read"), "{err}");
    assert_eq!(doorstep(&["check"]).0, 2, "no file named is wrong usage");
}

#[test]
fn a_department_head_reads_what_changed_in_three_languages() {
    let old = shipped_text("repair");
    let mut new = old
        .replacen("version = 1", "version = 2", 1)
        .replacen("value >= 1 && value <= 3", "value >= 1 && value <= 2", 1)
        .replacen(
            "at_most = 3, at_least_seconds_between = 20",
            "at_most = 3, at_least_seconds_between = 10",
            1,
        )
        .replacen("en = \"Knock\"", "en = \"Knock softly\"", 1)
        .replacen("施工、维修服务规范 三 [L412]", "施工、维修服务规范 四 [L412]", 1)
        .replacen(
            "relevant = \"door.open\"\nrequired = true\nrule = \"S-ID-1\"",
            "relevant = \"door.open\"\nrule = \"S-ID-1\"",
            1,
        );
    // The photo of the work is gone, and payment comes before cleaning up.
    let photo = new.find("[[phase.step]]\nid = \"work_photo\"").unwrap();
    let end = photo + new[photo..].find("[[phase]]").unwrap();
    new.replace_range(photo..end, "");
    let cleaned = new.find("[[phase.step]]\nid = \"site_cleaned\"").unwrap();
    let charges = cleaned + new[cleaned..].find("[[phase.step]]\nid = \"charges\"").unwrap();
    let step = new[cleaned..charges].to_owned();
    new.replace_range(cleaned..charges, "");
    let sign_off = new.find("[[phase]]\nid = \"sign_off\"").unwrap();
    new.insert_str(sign_off, &step);
    let (old, new) = (Temp::new("old.toml", old), Temp::new("new.toml", new));
    for (lang, told) in [
        (
            "en",
            [
                "Version 1 → 2.",
                "title (en) “Knock” → “Knock softly”.",
                "Step “Knock softly”: limit tightened: the answer is at least 1, and the answer is at most 3 → the answer is at least 1, and the answer is at most 2.",
                "limit loosened: At least 20 seconds between two times → At least 10 seconds between two times.",
                "Step “Doorbell”: source “施工、维修服务规范 三 [L412]” → “施工、维修服务规范 四 [L412]”.",
                "Step “Thanks, badge, who and why”: Required → May be left out.",
                "Step “Photo of the work” is gone from “Work”.",
                "Step “Site cleaned” comes at another place in “Finishing”.",
            ],
        ),
        (
            "zh-Hans",
            [
                "版本 1 → 2。",
                "标题（en）“Knock”→“Knock softly”。",
                "步骤“敲门”：要求收紧：答案至少是 1，并且答案不超过 3 → 答案至少是 1，并且答案不超过 2。",
                "要求放宽：两次之间至少 20 秒 → 两次之间至少 10 秒。",
                "步骤“按门铃”：出处",
                "必做 → 可不做。",
                "删去“维修”阶段的步骤“维修照片”。",
                "步骤“清理现场”在“收尾”中的位置改变。",
            ],
        ),
        (
            "zh-Hant",
            [
                "版本 1 → 2。",
                "標題（en）「Knock」→「Knock softly」。",
                "步驟「敲門」：要求收緊：答案至少是 1，並且答案不超過 3 → 答案至少是 1，並且答案不超過 2。",
                "要求放寬：兩次之間至少 20 秒 → 兩次之間至少 10 秒。",
                "步驟「按門鈴」：出處",
                "必做 → 可不做。",
                "刪去「維修」階段的步驟「維修照片」。",
                "步驟「清理現場」在「收尾」中的位置改變。",
            ],
        ),
    ] {
        let (code, out, err) = doorstep(&["diff", old.path(), new.path(), "--lang", lang]);
        assert_eq!((code, err.as_str()), (0, ""));
        for words in told {
            assert!(out.contains(words), "{lang} {words}:\n{out}");
        }
        assert_eq!(out.lines().count(), told.len(), "{out}");
    }
    let (code, out, _) = doorstep(&["diff", old.path(), old.path()]);
    assert_eq!((code, out.as_str()), (0, "Nothing changed.\n"));
}

#[test]
fn price_lists_profiles_and_calendars_are_compared_value_by_value() {
    let edited = |name: &str, edits: &[(&str, &str)]| {
        let text = shipped_text(name);
        let change = |text: String, (old, new): &(&str, &str)| {
            assert!(text.contains(old), "{name}: {old}");
            text.replacen(old, new, 1)
        };
        Temp::new(name, edits.iter().fold(text, change))
    };
    let hoses = [("version = 12", "version = 13"), ("\"58.00\"", "\"62.00\"")];
    let access = [("max_attempts = 3", "max_attempts = 5")];
    let october = [("\"2026-10-10\"", "\"2026-10-11\"")];
    for (name, edits, lang, told) in [
        (
            "price-list",
            &hoses[..],
            "en",
            vec!["item `hose`, price: 58.00 → 62.00.", "version: 12 → 13."],
        ),
        (
            "profile-guangdong",
            &access,
            "zh-Hans",
            vec!["access, max_attempts：3 → 5。", "版本号仍为 1：发布前请提高版本号。"],
        ),
        (
            "calendar",
            &october,
            "en",
            vec!["working_days is new: 2026-10-11.", "working_days is gone: 2026-10-10."],
        ),
    ] {
        let new = edited(name, edits);
        let (code, out, err) = doorstep(&["diff", &shipped(name), new.path(), "--lang", lang]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(out.lines().collect::<Vec<_>>(), told);
    }
    // An item more, and the same list again.
    let item = "\n[[item]]\ncode = \"tap\"\nname = { zh-Hans = \"龙头\", zh-Hant = \"龍頭\", en = \"Tap\" }\n\
        unit = { zh-Hans = \"个\", zh-Hant = \"個\", en = \"piece\" }\nprice = \"9.00\"\nkind = \"part\"\n\n[[free]]";
    let more = edited("price-list", &[("version = 12", "version = 13"), ("\n[[free]]", item)]);
    let (_, out, _) = doorstep(&["diff", &shipped("price-list"), more.path()]);
    assert!(out.starts_with("item `tap` is new: kind part, name en Tap"), "{out}");
    let (_, out, _) = doorstep(&["diff", more.path(), &shipped("price-list")]);
    assert!(out.starts_with("item `tap` is gone: kind part"), "{out}");
    let (_, out, _) = doorstep(&["diff", more.path(), more.path()]);
    assert_eq!(out, "Nothing changed.\n");
    // Two kinds, and a page of what has none.
    let (code, _, err) = doorstep(&["diff", &shipped("calendar"), more.path()]);
    assert_ne!(code, 0);
    assert!(
        err.contains("is a calendar") && err.contains("compare two files of one kind"),
        "{err}"
    );
    let (code, _, err) = doorstep(&["preview", &shipped("calendar")]);
    assert_ne!(code, 0);
    assert!(err.contains("is a calendar: only a standard can be drawn"), "{err}");
}

#[test]
fn the_page_shows_the_visit_in_the_language_that_is_chosen_and_on_paper() {
    for (lang, shown, hidden) in [
        (
            "en",
            [
                "Shoe covers on",
                "Only there when the door was opened, and the home is not being",
                "“Leak test after: detector reading” is at most 0 ppm",
                "is at least 15 if the kind of user is “resident”, otherwise 30",
            ],
            "穿上鞋套",
        ),
        (
            "zh-Hans",
            ["穿上鞋套", "当应收金额大于 0.00时必做", "的答案不超过 0 ppm", "的答案不超过 0 kPa"],
            "Shoe covers on",
        ),
        (
            "zh-Hant",
            ["穿上鞋套", "當應收金額大於 0.00時必做", "的答案至少是 5 min", "居民 15 分鐘"],
            "Shoe covers on",
        ),
    ] {
        let page = Temp::new(&format!("{lang}.html"), "");
        let (code, out, err) =
            doorstep(&["preview", &shipped("repair"), "--lang", lang, "--out", page.path()]);
        assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
        let html = std::fs::read_to_string(page.path()).unwrap();
        assert!(!html.contains('⟨') && !html.contains("<script") && !html.contains("http"));
        let text = printed(&page.0);
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in shown {
            assert!(text.contains(words), "{lang} {words}: {text}");
        }
        assert!(!text.contains(hidden), "{lang} shows another language");
    }
}

/// The text of a page as Chromium prints it.
fn printed(page: &Path) -> String {
    let folder = page.with_extension("profile");
    let pdf = page.with_extension("pdf");
    let run = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium is installed, as ./test asks for it");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = Command::new("pdftotext").arg(&pdf).arg("-").output().expect("pdftotext is there");
    std::fs::remove_dir_all(folder).ok();
    std::fs::remove_file(pdf).unwrap();
    String::from_utf8(text.stdout).unwrap()
}

fn schema(kind: FileKind) -> Value {
    let (code, out, err) = doorstep(&["schema", kind.name()]);
    assert_eq!((code, err.as_str()), (0, ""));
    let kept = format!("{ROOT}/standards/schema/{}.json", kind.name());
    let kept = std::fs::read_to_string(&kept).unwrap_or_else(|error| panic!("{kept}: {error}"));
    let todo = "renew it: cargo doorstep standard schema KIND > standards/schema/KIND.json";
    assert_eq!(kept, out, "{todo}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn every_file_that_ships_is_valid_by_the_schema_editors_get() {
    for kind in FileKind::ALL {
        let schema = schema(kind);
        let names = SHIPPED.iter().filter(|name| FileKind::guess(&shipped_text(name)) == kind);
        for name in names {
            let file: toml::Value = toml::from_str(&shipped_text(name)).unwrap();
            let file = serde_json::to_value(file).unwrap();
            assert_eq!(valid(&schema, &file), Ok(()), "{name}");
        }
    }
    // And what the loader refuses for its shape, the schema refuses, too.
    let schema = schema(FileKind::Standard);
    for (from, to) in [
        ("version = 1", "version = 0"),
        ("kind = \"count\"", "kind = \"cuont\""),
        ("required = true", "requierd = true"),
        ("visit = \"repair\"\n", ""),
        ("en = \"Knock\"", "en = \"\""),
        ("at_most = 3", "at_most = 101"),
        ("id = \"knock\"", "id = \"Knock\""),
    ] {
        let text = shipped_text("repair").replacen(from, to, 1);
        let file: toml::Value = toml::from_str(&text).unwrap();
        let file = serde_json::to_value(file).unwrap();
        assert!(valid(&schema, &file).is_err(), "{from} → {to}");
    }
}

/// Whether `file` is as `schema` says.
fn valid(schema: &Value, file: &Value) -> Result<(), String> {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("schema.json", schema.clone()).map_err(|error| error.to_string())?;
    let index = compiler.compile("schema.json", &mut schemas).map_err(|error| error.to_string())?;
    schemas.validate(file, index).map_err(|error| error.to_string())
}
