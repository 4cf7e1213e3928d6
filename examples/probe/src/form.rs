//! A form that only its own page can send.

use flagon::{Text, form_fields, prelude::*};

#[derive(Deserialize)]
pub(crate) struct Sent {
    text: Text<1000>,
}

/// The page with the form.
#[get("/form")]
pub(crate) async fn show_form() -> Result<Html> {
    render("form.html", context! { fields => form_fields::<Sent>() })
}

/// What was sent. Also who is not logged in has to prove that the form was the app's.
#[post("/form", csrf = "required")]
pub(crate) async fn send_form(sent: Form<Sent>) -> String {
    sent.0.text.into_inner()
}
