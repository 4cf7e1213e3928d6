//! Rewrites every Python file below one folder into another: `port_tree FROM TO`.
use std::{fs, path::Path};
use flagon_port::{Port, Source};
fn walk(from: &Path, to: &Path, n: &mut (u64, u64, u64)) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { walk(&path, &target, n); continue; }
        if path.extension().is_none_or(|e| e != "py") { continue; }
        let bytes = fs::read(&path).unwrap();
        let source = Source::read(&bytes);
        let report = Port::new().dialect(flagon_port::Dialect::Python2).fix(source.text());
        if !report.is_readable { println!("unreadable {}: {:?}", path.display(), report.findings.iter().map(|f| (f.line(), f.advice())).next()); }
        fs::create_dir_all(to).unwrap();
        fs::write(target, source.encode(&report.text)).unwrap();
        n.0 += 1; n.1 += bytes.len() as u64; n.2 += report.findings.len() as u64;
    }
}
fn main() {
    let mut args = std::env::args().skip(1);
    let (from, to) = (args.next().unwrap(), args.next().unwrap());
    let mut n = (0, 0, 0);
    let t = std::time::Instant::now();
    walk(Path::new(&from), Path::new(&to), &mut n);
    println!("{n:?} {:?}", t.elapsed());
}
