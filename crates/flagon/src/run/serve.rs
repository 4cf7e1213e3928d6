//! Serving: from the configuration to bound addresses, until a signal.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use flagon_server::{
    CertificateFiles, ClientAuthority, Config as ServerSettings, DevelopmentAuthority, Ended, Listen,
    Shutdown, Tls, TlsFiles,
};

use super::{failure::Failure, metrics, terminal};
use crate::{
    application::Application,
    config::{Config, Demand, ServerConfig},
};

/// Serves `app` until SIGTERM or SIGINT, and says where.
pub(super) fn serve(app: &Application, config: &Config) -> Result<(), Failure> {
    let addresses = resolve(&config.server)?;
    check_debug(config, &addresses)?;
    app.check_secret_key()?;
    check_templates(app);
    let server = settings(&config.server, &addresses)?.bind()?;
    let _ = app.current_app().addresses.set(server.addresses().to_vec()); // an app is served once
    let _ = app.current_app().server.set(server.metrics());
    let metrics = config.metrics.address.map(|address| metrics::serve(app, address)).transpose()?;
    let lines: Vec<_> =
        server.addresses().iter().map(|address| format!("listening on {address}\n")).collect();
    terminal::print(&lines.concat())?;
    if config.debug {
        terminal::note("debug is on: errors are shown in the browser, with source lines and configuration");
    }
    if let Some(watch) = &app.current_app().watch {
        watch.start().map_err(|error| Failure::new("no thread for the watchdog").because(&error))?;
    }
    // Stopped when the last request is answered.
    let _upstream =
        app.start_upstream().map_err(|error| Failure::new("no thread for the upstream").because(&error))?;
    #[cfg(feature = "jobs")]
    let workers =
        app.start_workers().map_err(|error| Failure::new("no thread for the jobs").because(&error))?;
    let ended = server.serve(app.clone(), &Shutdown::on_signals())?;
    drop(metrics); // they could be read until the end
    if let Ended::Dropped(count) = ended {
        tracing::warn!(connections = count, "stopped before every connection had ended");
    }
    #[cfg(feature = "jobs")]
    if let Some(workers) = workers {
        workers.join();
    }
    terminal::flush();
    Ok(())
}

/// The addresses of the host, without a port.
fn resolve(server: &ServerConfig) -> Result<Vec<IpAddr>, Failure> {
    let host = server.host.trim_matches(['[', ']']);
    let found = (host, 0).to_socket_addrs().map_err(|error| {
        let message = format!(
            "the host {:?} has no address; set `server.host` or --host to one of this machine's",
            server.host
        );
        Failure::new(message).because(&error)
    })?;
    let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

/// Refuses to show errors to the whole network, unless that was said.
fn check_debug(config: &Config, addresses: &[IpAddr]) -> Result<(), Failure> {
    let is_reachable = addresses.iter().any(|address| !address.is_loopback());
    if config.debug && is_reachable && !config.server.allow_remote_debug {
        return Err(Failure::new(format!(
            "debug is on and {} can be reached from other machines, which then could read source lines and configuration; \
             listen at 127.0.0.1, switch debug off, or say --allow-remote-debug",
            config.server.host
        )));
    }
    Ok(())
}

/// Says which templates will be refused, before somebody asks for their pages.
fn check_templates(app: &Application) {
    let Err(errors) = app.current_app().templates.check() else { return };
    let lines: Vec<_> = errors.iter().map(|error| format!("\n  {error}")).collect();
    terminal::note(&format!("of the templates {} cannot be used:{}", errors.len(), lines.concat()));
}

fn settings(server: &ServerConfig, addresses: &[IpAddr]) -> Result<ServerSettings, Failure> {
    let mut listen: Vec<_> =
        addresses.iter().map(|address| Listen::plain(SocketAddr::new(*address, server.port))).collect();
    if let Some(port) = server.tls_port {
        let tls = tls(server)?;
        listen.extend(
            addresses.iter().map(|address| Listen::tls(SocketAddr::new(*address, port), tls.clone())),
        );
    } else if server.cert.is_some() || server.key.is_some() || !server.certificates.is_empty() {
        return Err(Failure::new(
            "there is a certificate or a key, but no port to use it at; set `server.tls_port` or --tls-port",
        ));
    }
    let defaults = ServerSettings::default();
    Ok(ServerSettings {
        listen,
        threads: server.threads.map_or(defaults.threads, Into::into),
        limits: server.limits.clone(),
        timeouts: server.timeouts.clone(),
        trusted_proxies: server.trusted_proxies.clone(),
    })
}

fn tls(server: &ServerConfig) -> Result<Tls, Failure> {
    let first = match (&server.cert, &server.key) {
        (Some(cert), Some(key)) => CertificateFiles { certificate: cert.clone(), key: key.clone() },
        (None, None) if server.certificates.is_empty() => return development_tls(clients(server).as_ref()),
        (None, None) => {
            let problem = "`server.certificates` are for other names than that of `server.cert`; set that one, and `server.key`";
            return Err(Failure::new(problem));
        }
        (Some(_), None) => {
            return Err(Failure::new("a certificate needs its private key; set `server.key` or --key"));
        }
        (None, Some(_)) => {
            return Err(Failure::new("a key needs its certificate; set `server.cert` or --cert"));
        }
    };
    let more = server.certificates.iter();
    let more = more.map(|pair| CertificateFiles { certificate: pair.cert.clone(), key: pair.key.clone() });
    let certificates = [first].into_iter().chain(more).collect();
    Ok(Tls::from_files(TlsFiles { certificates, clients: clients(server), ..TlsFiles::default() })?)
}

fn clients(server: &ServerConfig) -> Option<ClientAuthority> {
    server.client_certificates.as_ref().map(|clients| ClientAuthority {
        file: clients.authorities.clone(),
        demand: match clients.demand {
            Demand::Required => flagon_server::Demand::Required,
            Demand::Optional => flagon_server::Demand::Optional,
        },
    })
}

fn development_tls(clients: Option<&ClientAuthority>) -> Result<Tls, Failure> {
    let folder = DevelopmentAuthority::default_folder().ok_or_else(|| {
        Failure::new("there is no home folder to keep a development certificate in; set XDG_DATA_HOME, or --cert and --key")
    })?;
    let authority = DevelopmentAuthority::in_folder(&folder)?;
    terminal::note(&format!(
        "HTTPS uses a certificate for development, signed by {}\nto trust it: {}",
        authority.certificate().display(),
        authority.trust_command()
    ));
    Ok(match clients {
        None => authority.tls()?,
        Some(clients) => authority.tls_with_clients(clients)?,
    })
}
