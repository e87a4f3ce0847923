//! Reads the project's files for the rules: Rust without its comments and strings, cut into tokens.
//!
//! This is not a parser. It knows just enough of the grammar that a word in a comment or a string is not
//! taken for code, which is all that rules about rustfmt'd, compiling code need.

use std::fs;
use std::path::Path;
use std::process::Command;

/// One Rust file: as written, and as the rules look at it.
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The text with comments blanked and the content of strings filled up, line for line.
    pub(super) code: String,
    pub(super) tokens: Vec<Token>,
    /// The content of each string literal, with the line it starts on.
    pub(super) strings: Vec<(usize, String)>,
}

/// A word, a number, `::`, `->`, `=>`, or a single other character.
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Source {
    /// Cuts `text` up. `path` is relative to the root.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mut lexer = Lexer { chars: text.chars().collect(), ..Lexer::default() };
        lexer.run();
        let tokens = tokens(&lexer.code);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: lexer.code,
            tokens,
            strings: lexer.strings,
        }
    }

    /// The token `ahead` places after `at`, or nothing past the end.
    pub(super) fn token(&self, at: usize, ahead: usize) -> &str {
        self.tokens.get(at + ahead).map_or("", |token| token.text.as_str())
    }
}

/// The root of the project.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the server, the migrations, the integration tests and the examples.
pub(super) fn rust_files() -> Vec<Source> {
    let is_ours = |path: &&String| {
        has_extension(path, "rs")
            && ["src/", "migration/", "tests/", "examples/"]
                .iter()
                .any(|start| path.starts_with(start))
    };
    let files = project_files();
    let sources = files.iter().filter(is_ours).map(|path| Source::new(path, &read(path)));
    let sources = sources.collect::<Vec<_>>();
    assert!(!sources.is_empty(), "found no Rust file under {}", root().display());
    sources
}

/// Whether `path` ends with a dot and `extension`.
pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Every file of the project, tracked or new, as sorted paths relative to the root. Git says what is
/// ignored; outside a repository, build output and hidden folders of tools are.
pub(super) fn project_files() -> Vec<String> {
    let mut files = git_files().unwrap_or_else(|| {
        let mut found = Vec::new();
        walk(root(), &mut found);
        found
    });
    files.sort();
    files.dedup();
    files
}

/// The text of a project file; whatever is not UTF-8 in it is replaced.
pub(super) fn read(path: &str) -> String {
    let bytes = fs::read(root().join(path)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn git_files() -> Option<Vec<String>> {
    if !root().join(".git").exists() {
        return None;
    }
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let present = |name: &&str| !name.is_empty() && root().join(name).is_file();
    Some(names.split('\0').filter(present).map(str::to_owned).collect())
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !["target", ".git", ".venv"].contains(&name.as_str()) {
            walk(&path, found);
        } else if path.is_file() {
            let relative = path.strip_prefix(root()).unwrap_or(&path);
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Walks over a text once and takes comments and strings out of it.
#[derive(Default)]
struct Lexer {
    chars: Vec<char>,
    at: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer {
    fn run(&mut self) {
        while let Some(next) = self.peek(0) {
            match (next, self.peek(1)) {
                ('/', Some('/')) => self.replace_until(' ', |lexer| lexer.peek(0) == Some('\n')),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('r', Some('"' | '#')) if self.raw_hashes().is_some() => self.raw_string(),
                ('\'', Some('\\')) => self.escaped_char(),
                ('\'', Some(_)) if self.peek(2) == Some('\'') => self.replace(3, '"'),
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.peek(0));
        self.at += 1;
    }

    /// Passes over `count` characters and writes `filler` for each that is not a line break.
    fn replace(&mut self, count: usize, filler: char) {
        for _ in 0..count {
            self.code.extend(self.peek(0).map(|found| if found == '\n' { '\n' } else { filler }));
            self.at += 1;
        }
    }

    fn replace_until(&mut self, filler: char, is_end: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && !is_end(self) {
            self.replace(1, filler);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                _ => {
                    self.replace(1, ' ');
                    continue;
                }
            }
            self.replace(2, ' ');
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let (line, start) = (self.line(), self.at + 1);
        self.replace(1, '"');
        while self.peek(0).is_some_and(|next| next != '"') {
            self.replace(if self.peek(0) == Some('\\') { 2 } else { 1 }, '"');
        }
        self.record(line, start, self.at);
        self.replace(1, '"');
    }

    /// How many `#` stand between the `r` here and its quote; nothing where no raw string starts, as in
    /// `r#type` or at the end of a longer word.
    fn raw_hashes(&self) -> Option<usize> {
        let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.chars.get(at));
        let in_word = |found: Option<&char>| found.is_some_and(|next| is_word(*next));
        let prefixed = matches!(before(1), Some('b' | 'c')) && !in_word(before(2));
        if in_word(before(1)) && !prefixed {
            return None;
        }
        let hashes = self.chars.iter().skip(self.at + 1).take_while(|next| **next == '#').count();
        (self.peek(1 + hashes) == Some('"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or_default();
        let (line, start) = (self.line(), self.at + hashes + 2);
        self.replace(hashes + 2, '"');
        let is_end = |lexer: &Self| {
            lexer.peek(0) == Some('"') && (1..=hashes).all(|ahead| lexer.peek(ahead) == Some('#'))
        };
        self.replace_until('"', is_end);
        self.record(line, start, self.at);
        self.replace(hashes + 1, '"');
    }

    fn escaped_char(&mut self) {
        self.replace(3, '"');
        self.replace_until('"', |lexer| lexer.peek(0) == Some('\''));
        self.replace(1, '"');
    }

    fn line(&self) -> usize {
        self.code.matches('\n').count() + 1
    }

    fn record(&mut self, line: usize, start: usize, end: usize) {
        let content = self.chars.iter().take(end).skip(start).collect();
        self.strings.push((line, content));
    }
}

fn tokens(code: &str) -> Vec<Token> {
    let mut found = Vec::<Token>::new();
    for (index, text) in code.lines().enumerate() {
        let line = index + 1;
        let mut open = false; // whether the last token may still grow
        for next in text.chars() {
            let last = found.last_mut().filter(|_| open);
            match last {
                Some(token) if joins(&token.text, next) => token.text.push(next),
                _ if next.is_whitespace() || next == '"' => {
                    open = false;
                    continue;
                }
                _ => found.push(Token { line, text: next.to_string() }),
            }
            open = true;
        }
    }
    found
}

fn joins(token: &str, next: char) -> bool {
    match token {
        ":" => next == ':',
        "-" | "=" => next == '>',
        _ => is_word(next) && token.chars().all(is_word),
    }
}

fn is_word(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

#[test]
fn comments_and_strings_are_not_code() {
    let text = "a // b\n/* c /* d */ e */ f('\"', '\\'', \"g // h\\\" i\", br#\"j\"k\"#) 'l r#m";
    let source = Source::new("src/x.rs", text);
    let words = source.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>();
    assert_eq!(words, ["a", "f", "(", ",", ",", ",", "b", ")", "'", "l", "r", "#", "m"]);
    assert_eq!(source.strings, [(2, "g // h\\\" i".to_owned()), (2, "j\"k".to_owned())]);
    assert_eq!(source.code.lines().count(), 2);
}

#[test]
fn paths_and_arrows_are_one_token() {
    let source = Source::new("src/x.rs", "a::b\n-> c => d_1");
    let words = source.tokens.iter().map(|t| (t.line, t.text.as_str())).collect::<Vec<_>>();
    let expect = [(1, "a"), (1, "::"), (1, "b"), (2, "->"), (2, "c"), (2, "=>"), (2, "d_1")];
    assert_eq!(words, expect);
}
