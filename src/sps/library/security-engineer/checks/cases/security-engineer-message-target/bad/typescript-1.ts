window.parent.postMessage({ token }, "*");
