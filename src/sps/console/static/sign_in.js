// The launch word travels in the fragment: no server, log, referrer or history of proxies sees it.
const word = new URLSearchParams(window.location.hash.slice(1)).get("t");
const form = document.getElementById("sign-in");
if (word && form instanceof HTMLFormElement) {
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.namedItem("code").value = word;
  form.submit();
}
