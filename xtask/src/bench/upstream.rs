//! Requests that are passed on, beside nginx: one upstream, which is nginx too, and in front of it each with one thread.
//!
//! Both keep connections to the upstream open, write no access log, and tell it where a request comes from (`X-Forwarded-*`). Flagon
//! adds what it always adds: the request's id, `Via` and `Forwarded`.

use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use super::{Build, Options, compare, served::Served};
use crate::{
    failure::{Result, While as _},
    program::Program,
    project::Project,
};

/// What is asked for, and how wrk asks.
const CASES: [(&str, &str); 3] = [
    ("GET of 13 bytes", "request = function() return wrk.format('GET', '/') end"),
    ("GET of 64 KiB", "request = function() return wrk.format('GET', '/large') end"),
    (
        "POST of 1 KiB",
        "local body = string.rep('x', 1024)\nrequest = function() return wrk.format('POST', '/', nil, body) end",
    ),
];

pub(super) fn run(project: &Project, options: &Options) -> Result {
    if options.build == Build::Fresh {
        Program::cargo(project, ["build", "--release", "--package", "front"]).pass_through()?;
    }
    let folder = env::temp_dir().join(format!("flagon-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).while_doing("making a folder")?;
    let done = measure(&project.target().join("release/front"), &folder, options);
    let _ = fs::remove_dir_all(&folder);
    done
}

fn measure(front: &Path, folder: &Path, options: &Options) -> Result {
    fs::write(folder.join("large"), vec![b'x'; 64 * 1024]).while_doing("writing a file")?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (own, others) = (0, cores - 1);
    let upstream = Served::start(
        "the upstream",
        others,
        |command, address| nginx(command, folder, "upstream", &answering(address, folder)),
        &folder.join("upstream.log"),
    )?;
    let at = upstream.address();
    let flagon = |command: &mut Command, address: SocketAddr| {
        command.arg(front).args(["run", "--host", "127.0.0.1", "--threads", "1"]);
        command.arg("--port").arg(address.port().to_string());
        command.env("UPSTREAM", format!("http://{at}")).env("FLAGON_LOG__ACCESS", "off");
    };
    let passing = |command: &mut Command, address| nginx(command, folder, "nginx", &passing(address, at));
    let servers = [
        Served::start("flagon", own, flagon, &folder.join("flagon.log"))?,
        Served::start("nginx", own, passing, &folder.join("nginx.log"))?,
    ];
    for (place, (case, script)) in CASES.iter().enumerate() {
        let path = folder.join(format!("{place}.lua"));
        fs::write(&path, script).while_doing("writing a script")?;
        compare(case, &servers, others, &path, options)?;
    }
    Ok(())
}

/// Has `command` start nginx with one process, which serves what `http` says.
fn nginx(command: &mut Command, folder: &Path, name: &str, http: &str) {
    let path = |what: &str| folder.join(format!("{name}-{what}")).display().to_string();
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", path(kind)))
        .concat();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{ worker_connections 1024; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 1000000000;\nkeepalive_timeout 1h;\nclient_body_buffer_size 64k;\n\
         {folders}{http}}}\n",
        path("pid"),
        path("error"),
    );
    let file = PathBuf::from(path("conf"));
    // nginx says itself that its file is missing.
    let _ = fs::write(&file, text);
    command.args(["nginx", "-c"]).arg(file);
}

fn answering(address: SocketAddr, folder: &Path) -> String {
    format!(
        "server {{\nlisten {address};\nroot {};\nlocation = / {{ return 200 'Hello, World!'; }}\n}}\n",
        folder.display()
    )
}

fn passing(address: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        "upstream old {{ server {upstream}; keepalive 64; keepalive_requests 1000000000; }}\nserver {{\nlisten {address};\n\
         location / {{\nproxy_pass http://old;\nproxy_http_version 1.1;\nproxy_set_header Connection '';\n\
         proxy_set_header Host $host;\nproxy_set_header X-Forwarded-For $remote_addr;\n\
         proxy_set_header X-Forwarded-Proto $scheme;\nproxy_set_header X-Forwarded-Host $host;\n}}\n}}\n"
    )
}
