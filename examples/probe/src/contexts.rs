//! The context of a request, seen from everywhere its work runs.

use flagon::{KeepContext as _, copy_current_request_context, prelude::*, rayon::prelude::*};
use serde_json::{Value, json};

/// What `g` keeps for a request.
#[derive(Serialize)]
pub(crate) struct ProbeId(String);

/// What the globals say, wherever this is called.
fn seen() -> Value {
    json!({
        "g": g().get::<ProbeId>().map(|id| id.0.clone()),
        "request": request().args().get("id"),
        "current_app": current_app().name(),
    })
}

#[get("/context")]
pub(crate) async fn context_everywhere() -> Result<Json<Value>> {
    g().set(ProbeId(request().args().get("id").unwrap_or_default().to_owned()));
    let task = flagon::spawn(async { seen() }).await?;
    let thread = flagon::blocking(|| {
        let own = std::thread::spawn(copy_current_request_context(seen));
        own.join().unwrap_or_default()
    });
    // Several items, so that several threads take some; all of them have to see the same.
    let parallel = flagon::parallel(|| {
        let all = (0..8).into_par_iter().keep_context().map(|_| seen()).collect::<Vec<_>>();
        all.iter().all(|one| *one == all[0]).then(|| all[0].clone())
    });
    let (thread, parallel) = flagon::join!(thread, parallel);
    let template: Value = serde_json::from_str(&render("context.json", context! {})?.0)?;
    Ok(Json(json!({
        "view": seen(),
        "task": task,
        "thread": thread,
        "parallel": parallel,
        "template": template,
    })))
}
