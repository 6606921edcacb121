// Passkeys: brings what the server asks to the browser's authenticator, and the answer back. What
// is going on stands on the root element, by which the style sheet lets a sentence be seen.
(() => {
  const root = document.documentElement;
  const RENEW_MS = 240_000;
  const ADDRESS = /^[\d.]+$|^\[/;
  const TOLD = {
    NotAllowedError: "refused",
    InvalidStateError: "known",
    SecurityError: "address",
    cloned: "cloned",
    over: "over",
    unknown: "unknown",
    not_found: "unknown",
    throttled: "often",
    unavailable: "away",
    domain: "address",
    wrong: "wrong",
    TypeError: "away",
  };
  const able = () => {
    if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) return "none";
    return ADDRESS.test(location.hostname) ? "address" : "able";
  };
  const tell = (what) => {
    root.dataset.passkeyTold = what;
  };
  const go = (path) => {
    const same = new URL(path, location.href).pathname === location.pathname;
    location.assign(path);
    // The session has another cookie now, which a page that only scrolls would never send.
    if (same) location.reload();
  };
  const post = async (door, body) => {
    const answer = await fetch(`/auth/passkey/${door}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.code), { name: said.code, said });
    return said;
  };
  const asked = async (purpose, how) => {
    const options = await post("options", { purpose });
    if (purpose === "register") {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return navigator.credentials.create({ publicKey, ...how });
    }
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return navigator.credentials.get({ publicKey, ...how });
  };
  const finish = async (purpose, answer) => {
    const said = await post("finish", {
      purpose,
      answer: answer.toJSON(),
      name: document.querySelector("input[data-passkey-name]")?.value ?? "",
      next: new URLSearchParams(location.search).get("next") ?? "",
      language: /^\/es(\/|$)/.test(location.pathname) ? "es" : "",
    });
    go(said.next);
  };
  const failed = (purpose, error) => {
    if (error.name === "AbortError") return;
    if (error.name === "proof_needed") go(error.said.way);
    else if (purpose === "step" && error.name === "step_over") go("/login#over");
    else tell(TOLD[error.name] ?? "wrong");
  };

  let waiting = null;
  const alone = () => {
    waiting?.abort();
    waiting = new AbortController();
    return waiting.signal;
  };
  const run = async (purpose) => {
    tell("waiting");
    try {
      await finish(purpose, await asked(purpose, { signal: alone() }));
    } catch (error) {
      failed(purpose, error);
    }
  };
  // Lets the browser offer passkeys in the field of the address, for as long as the page is open.
  const offer = async () => {
    const field = document.querySelector("input[autocomplete~='webauthn']");
    if (!field || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const renewal = setTimeout(offer, RENEW_MS);
    try {
      const how = { mediation: "conditional", signal: alone() };
      const answer = await asked("sign_in", how);
      clearTimeout(renewal);
      if (answer) await finish("sign_in", answer);
    } catch (error) {
      if (error.name !== "NotAllowedError") failed("sign_in", error);
    }
  };

  root.dataset.passkeys = able();
  if (root.dataset.passkeys !== "able") return;
  addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-passkey]");
    if (button) run(button.dataset.passkey);
  });
  offer();
})();
