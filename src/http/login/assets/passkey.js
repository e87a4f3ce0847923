// Forms with `data-passkey` ask the authenticator first, and send its answer as the field `code`.
"use strict";
(() => {
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const listed = (all) => (all || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const known = window.PublicKeyCredential || {};

  // Browsers before 2025 lack the functions that read and write JSON.
  const creation = (options) => known.parseCreationOptionsFromJSON
    ? known.parseCreationOptionsFromJSON(options)
    : {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
      extensions: undefined,
    };
  const request = (options) => known.parseRequestOptionsFromJSON
    ? known.parseRequestOptionsFromJSON(options)
    : {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
      extensions: undefined,
    };
  const written = (credential) => {
    if (credential.toJSON) {
      return credential.toJSON();
    }
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      const value = credential.response[part];
      if (value) {
        response[part] = text(value);
      }
    }
    if (credential.response.getTransports) {
      response.transports = credential.response.getTransports();
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  const ask = async (form) => {
    const answer = await fetch(form.dataset.options, { method: "POST", redirect: "error" });
    if (!answer.ok) {
      throw new Error(`options: ${answer.status}`);
    }
    const { publicKey } = await answer.json();
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey: creation(publicKey) })
      : navigator.credentials.get({ publicKey: request(publicKey) });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const failed = form.querySelector("[role=alert]");
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      button.disabled = true;
      try {
        form.elements.code.value = JSON.stringify(written(await ask(form)));
        form.submit();
      } catch (error) {
        console.warn(error);
        failed.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
