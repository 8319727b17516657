window.parent.postMessage({ token }, origin);
worker.postMessage({ a: 1 });
