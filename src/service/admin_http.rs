//! The admin port: `/metrics`, `/livez`, `/readyz`, and `/desk` for the index's digest. Bound to loopback unless configured.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::oneshot;

use super::ServiceError;
use super::health::Health;
use super::shutdown::Shutdown;
use super::sightings_log::DeskHandle;
use crate::metrics::Metrics;

/// The running server, in a thread of its own.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Admin {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn stop(self) {
        // An error means that it has ended already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

#[derive(Clone)]
struct Shared {
    metrics: Metrics,
    health: Health,
    desk: DeskHandle,
}

/// Binds the address and serves it until stopped; also turns signals into a request to shut down.
pub fn serve(
    listen: SocketAddr,
    metrics: Metrics,
    health: Health,
    desk: DeskHandle,
    shutdown: &Shutdown,
) -> Result<Admin, ServiceError> {
    let failed = |error| ServiceError::Admin { address: listen, error };
    let listener = std::net::TcpListener::bind(listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(failed)?
    };
    let app = Router::new()
        .route("/metrics", get(render_metrics))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/desk", get(desk_status))
        .with_state(Shared { metrics, health, desk });
    let (stop, stopped) = oneshot::channel();
    let shutdown = shutdown.clone();
    let thread = std::thread::Builder::new().name("admin".to_owned()).spawn(move || {
        runtime.block_on(async move {
            tokio::spawn(async move {
                if let Err(error) = shutdown.on_signal().await {
                    tracing::error!(%error, "signals cannot be handled: only SIGKILL will end this process");
                }
            });
            let served = axum::serve(listener, app).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the admin port failed");
            }
        });
        // A scrape that is stuck must not keep the process.
        runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    })?;
    Ok(Admin { address, stop, thread })
}

async fn render_metrics(State(shared): State<Shared>) -> impl IntoResponse {
    shared.metrics.ready.set(i64::from(shared.health.reasons().is_empty()));
    match shared.metrics.render() {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            error.to_string().into_bytes(),
        ),
    }
}

async fn livez(State(shared): State<Shared>) -> (StatusCode, String) {
    let stalled = shared.health.stalled();
    if stalled.is_empty() {
        return (StatusCode::OK, "alive\n".to_owned());
    }
    let lines: String =
        stalled.iter().map(|(thread, age)| format!("{thread} has not moved for {} s\n", age.as_secs())).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines)
}

async fn readyz(State(shared): State<Shared>) -> (StatusCode, String) {
    let reasons = shared.health.reasons();
    if reasons.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    let lines = reasons.iter().map(|(part, reason)| format!("{part}: {reason}\n")).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines)
}

async fn desk_status(State(shared): State<Shared>) -> impl IntoResponse {
    let desk = shared.desk.clone();
    match tokio::task::spawn_blocking(move || desk.inspect()).await {
        Ok(Some(status)) => (StatusCode::OK, serde_json::to_string(&status).unwrap_or_default()),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "{\"error\":\"the desk does not answer; see /readyz\"}".to_owned()),
    }
}
