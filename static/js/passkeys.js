// A button with data-passkey="add" or "authenticate" asks the browser for a passkey; allauth's
// script does the asking. data-credential names the hidden field that takes the answer.
document.querySelectorAll("[data-passkey]").forEach((button) => {
  const { passkey, credential, passwordless } = button.dataset;
  window.allauth.webauthn.forms[`${passkey}Form`]({
    ids: { [passkey]: button.id, credential, passwordless, data: "js_data" },
  });
});
